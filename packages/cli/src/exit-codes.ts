/** What a command ends with. */
export const exitCodes = {
  done: 0,
  /** `check` has found something; a call was answered with an error; what was generated is not up to date. */
  found: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** A file, a contract or a revision cannot be read, or a file cannot be written. */
  unreadable: 3,
  /** The server cannot be reached, or refuses the client. */
  unreachable: 4,
  /** A defect of Typewire. */
  defect: 70,
  /** Ctrl-C: 128 and the number of SIGINT. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
