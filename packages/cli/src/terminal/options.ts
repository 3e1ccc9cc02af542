import { type Command, InvalidArgumentError, Option } from 'commander'

/** What all commands of the terminal client take. */
export interface TerminalOptions {
  readonly auth?: string
  readonly namespace?: string
  readonly namespaceAuth?: string
  readonly transport?: TransportName
  /** `false`: `--no-contract`. */
  readonly contract?: string | false
  readonly connectTimeout: number
  readonly trace?: true
  readonly pretty?: true
  readonly compact?: true
}

export const transportNames = ['websocket', 'http-stream', 'http-poll'] as const
type TransportName = (typeof transportNames)[number]

export function addTerminalOptions(command: Command): Command {
  return command
    .option('-a, --auth <source>', 'credentials: env:NAME, @file, or JSON, which other users of the machine may see')
    .option('-n, --namespace <path>', 'the namespace that the name is in: admin, or admin.audit')
    .option('--namespace-auth <source>', 'credentials for that namespace, where it asks for some of its own')
    .addOption(
      new Option('-t, --transport <name>', 'connect by this alone; default: the best that works').choices(
        transportNames,
      ),
    )
    .option(
      '-c, --contract <source>',
      'the contract: a snapshot, a module or git:<ref>; default: typewire.json, if there',
    )
    .option('--no-contract', 'check no names, and send JSON as it is')
    .option('--connect-timeout <ms>', 'how long connecting may take', parseMs, 10_000)
    .option('--trace', 'print frames to the standard error as they travel, without credentials')
    .option('--pretty', 'JSON over several lines')
    .option('--compact', 'JSON in one line')
}

/** Milliseconds. @throws InvalidArgumentError */
export function parseMs(text: string): number {
  const ms = Number(text)
  if (Number.isInteger(ms) && ms > 0 && ms <= maxMs) return ms
  throw new InvalidArgumentError(`Give milliseconds from 1 to ${maxMs}.`)
}

/** A longer timer would fire at once. */
const maxMs = 2_147_483_647

/** @throws InvalidArgumentError */
export function parseCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  throw new InvalidArgumentError('Give a whole number from 1 on.')
}

export const collect = (text: string, before: readonly string[] = []): readonly string[] => [...before, text]
