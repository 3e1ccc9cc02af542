import type { Command } from 'commander'
import type { ProcedureSnapshot, StreamSnapshot } from '@typewire/core/snapshot'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { withServer } from './connect.ts'
import { readPosition } from './position.ts'
import { addTerminalOptions, parseCount, parseMs, type TerminalOptions } from './options.ts'
import { noteDeprecation, Printer } from './printer.ts'
import { readItems, readJson } from './read-input.ts'
import { richValue } from './rich-values.ts'
import { kindOf, readTarget, type Target } from './target.ts'
import { verb } from './untyped-client.ts'

interface CallOptions extends TerminalOptions {
  readonly timeout?: number
  readonly upload?: true
  readonly head?: string
  readonly count?: number
}

export function addCall(program: Command, io: Io): void {
  const inputHelp =
    'JSON; @file; or - for the standard input. An upload: one JSON item in each line of @file or -, or an array'

  const call = program
    .command('call')
    .summary('call a procedure of a server')
    .description(
      'Calls a procedure and prints what it answers as JSON. What a contract says is a stream is read as by `typewire stream`. An error is ' +
        `printed to the standard error, and ends it with ${exitCodes.found}.`,
    )
    .argument('<url>', 'where the server is: http://localhost:3000')
    .argument('<name>', 'the procedure')
    .argument('[input]', inputHelp)
    .option('--timeout <ms>', 'how long the answer may take', parseMs)
  addUploadOptions(call)
    .addHelpText(
      'after',
      `
Examples:
  typewire call http://localhost:3000 send '{ "roomId": "42", "text": "Hello" }'
  typewire call http://localhost:3000 send @message.json --auth env:AUTH | jq .id
  typewire call http://localhost:3000 importRows - --upload < rows.ndjson
  typewire call http://localhost:3000 ban '"Mallory"' --namespace admin --trace`,
    )
    .action((url: string, name: string, input: string | undefined, options: CallOptions) =>
      run({ url, name, input, options, isStream: false }, io),
    )

  const stream = program
    .command('stream')
    .summary('read a stream of a server')
    .description('Reads a stream and prints each item as a line of JSON, until it ends.')
    .argument('<url>', 'where the server is: http://localhost:3000')
    .argument('<name>', 'the stream')
    .argument('[input]', inputHelp)
    .option('--count <n>', 'end after so many items', parseCount)
    .option('--timeout <ms>', 'how long the stream may take', parseMs)
  addUploadOptions(stream)
    .addHelpText(
      'after',
      `
Examples:
  typewire stream http://localhost:3000 prices '{ "symbol": "ACME" }'
  typewire stream http://localhost:3000 prices '{ "symbol": "ACME" }' --count 3 | jq .price`,
    )
    .action((url: string, name: string, input: string | undefined, options: CallOptions) =>
      run({ url, name, input, options, isStream: true }, io),
    )
}

function addUploadOptions(command: Command): Command {
  return addTerminalOptions(
    command
      .option('--upload', 'the input goes item by item; a contract says so by itself')
      .option('--head <json>', 'of an upload: what comes before its items'),
  )
}

interface Asked {
  readonly url: string
  readonly name: string
  readonly input: string | undefined
  readonly options: CallOptions
  readonly isStream: boolean
}

async function run({ url, name, input, options, isStream: asksStream }: Asked, io: Io): Promise<void> {
  const target = await readTarget(options, io)
  const kind = kindOf(name, asksStream ? ['stream'] : ['procedure', 'stream'], target)
  const isStream = asksStream || kind === 'stream'
  const { section } = target.known ?? {}
  const described = isStream ? section?.streams?.[name] : section?.procedures?.[name]
  noteDeprecation(name, described, io)
  const given = await readInput(input, { name, options, described, target }, io)
  const printer = new Printer(io, {
    isPretty: options.pretty ?? (!options.compact && !isStream && io.stdout.isTTY === true),
  })
  try {
    await withServer(url, target, options, io, async ({ verbs, signal }) => {
      const limits = { signal, timeoutMs: options.timeout }
      if (!isStream) {
        const call = verb(verbs.call, name)
        const result = await call(given, limits)
        if (result !== undefined) await printer.print(result)
        return
      }
      let left = options.count ?? Number.POSITIVE_INFINITY
      for await (const item of verb(verbs.stream, name)(given, limits)) {
        await printer.print(item)
        if (--left <= 0) break
      }
    })
  } finally {
    if (input === '-') io.stdin.destroy() // it may be waiting for a line that nobody needs
  }
}

interface InputOf {
  readonly name: string
  readonly options: CallOptions
  readonly described: ProcedureSnapshot | StreamSnapshot | undefined
  readonly target: Target
}

/** @throws CliError for what is not JSON, and where the contract takes none, or asks for some. */
async function readInput(
  input: string | undefined,
  { name, options, described, target }: InputOf,
  io: Io,
): Promise<unknown> {
  const { upload } = described ?? {}
  if (!upload && options.head !== undefined && !options.upload)
    throw new CliError(`--head is of an upload, and ${name} is none. Say so, if it is: --upload.`, exitCodes.usage)
  if (!upload && !options.upload)
    return readPosition(
      input,
      { schema: described?.input, isDeclared: described !== undefined, what: 'input', name, target },
      io,
    )

  const definitions = target.known?.snapshot.$defs ?? {}
  const itemSchema = upload?.items ?? true
  const readItem = (json: unknown, where: string) => richValue(json, itemSchema, definitions, where)
  if (input === undefined)
    throw new CliError(`${name} takes an upload: give its items by @file or -, one in each line.`, exitCodes.usage)
  const items = await uploadItems(input, readItem, io)
  if (options.head === undefined) return items
  const head = richValue(await readJson(options.head, 'head', io), upload?.head ?? true, definitions, 'head')
  return { ...(head as object), items }
}

async function uploadItems(input: string, readItem: (json: unknown, where: string) => unknown, io: Io) {
  if (input === '-' || input.startsWith('@')) return readItems(input, io, readItem)
  const json = await readJson(input, 'input', io)
  if (!Array.isArray(json))
    throw new CliError('The items of an upload are an array, or come by @file or -.', exitCodes.usage)
  async function* each(list: readonly unknown[]) {
    for (const [index, item] of list.entries()) yield readItem(item, `input[${index}]`)
  }
  return each(json)
}
