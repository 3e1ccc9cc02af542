// For scripts that do what the command line does.

export { CliError } from './cli-error.ts'
export { readContract, type ReadOptions } from './contract/read-contract.ts'
export { type ExitCode, exitCodes } from './exit-codes.ts'
export type { Io, Output } from './io.ts'
export { run } from './program.ts'
