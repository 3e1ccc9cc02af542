import type { ExitCode } from './exit-codes.ts'

/** What went wrong, where, and what to do: printed as it is, without a stack. */
export class CliError extends Error {
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CliError'
    this.exitCode = exitCode
  }
}

export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
