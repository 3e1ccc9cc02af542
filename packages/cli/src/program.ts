import { Command, CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import { addCheck } from './commands/check.ts'
import { addCompletion } from './commands/completion.ts'
import { addGenerate } from './commands/generate.ts'
import { addSnapshot } from './commands/snapshot.ts'
import { addTerminal } from './commands/terminal.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import type { Io } from './io.ts'
import { version } from './version.ts'

/** Says what a command ends with, where it is not 0; or where it is, although the user has interrupted. */
export type End = (exitCode: ExitCode) => void

/** Runs one command line. Never throws; gives what the process is to end with. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode | undefined
  const program = createProgram(io, (code) => (exitCode = code))
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode ?? (io.signal.aborted ? exitCodes.interrupted : exitCodes.done)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage
    if (error instanceof CliError) {
      io.stderr.write(`${error.message}\n`)
      return error.exitCode
    }
    if (io.signal.aborted) return exitCodes.interrupted
    io.stderr.write(
      `typewire has failed, which is a defect of it. Please report this:\n${error instanceof Error ? error.stack : String(error)}\n`,
    )
    return exitCodes.defect
  }
}

function createProgram(io: Io, end: End): Command {
  const program = new Command('typewire')
    .description(
      'Contract tools for Typewire: snapshots, breaking changes, documents, typed clients, and a client for the terminal.',
    )
    .version(version)
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns ?? 100,
      getErrHelpWidth: () => io.stderr.columns ?? 100,
    })
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)')
    .addHelpText(
      'after',
      `\nExit codes: ${exitCodes.done} done · ${exitCodes.found} something was found, or a call failed · ${exitCodes.usage} wrong usage · ${exitCodes.unreadable} cannot be read or written · ${exitCodes.unreachable} server not reachable · ${exitCodes.interrupted} interrupted`,
    )
  addSnapshot(program, io, end)
  addCheck(program, io, end)
  addGenerate(program, io, end)
  addTerminal(program, io, end)
  addCompletion(program, io)
  return program
}
