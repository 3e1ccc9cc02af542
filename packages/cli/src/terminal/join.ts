import type { Command } from 'commander'
import { noAnswer } from '@typewire/client/watched'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import type { End } from '../program.ts'
import { withServer } from './connect.ts'
import { explainError } from './explain.ts'
import { hear } from './hearing.ts'
import { Lines } from './lines.ts'
import { addTerminalOptions, collect, parseCount, parseMs, type TerminalOptions } from './options.ts'
import { readPosition } from './position.ts'
import { note, noteDeprecation } from './printer.ts'
import { kindOf, readTarget, type Target, unknownName } from './target.ts'
import { type UntypedHandle, verb } from './untyped-client.ts'

interface JoinOptions extends TerminalOptions {
  readonly presence?: string
  readonly last?: number
  readonly event?: readonly string[]
  readonly emit?: readonly string[]
  readonly count?: number
  readonly for?: number
  readonly timeout?: number
}

export function addJoin(program: Command, io: Io, end: End): void {
  const join = program
    .command('join')
    .summary('join a room, and print what happens in it')
    .description(
      'Joins a room and prints its events as lines of JSON, { "event": …, "payload": … }, and who is in it when that changes, { "presence": … }, ' +
        'until Ctrl-C. Whether it is joined is said on the standard error.',
    )
    .argument('<url>', 'where the server is: http://localhost:3000')
    .argument('<room>', 'the kind of the room')
    .argument('[params]', 'which one: JSON; @file; or - for the standard input')
    .option('--presence <json>', 'what to say of yourself in it')
    .option('--last <n>', 'its last events first, where it keeps some', parseCount)
    .option('--event <name>', 'print this event alone; may be repeated', collect)
    .option('--emit <name=json>', 'send this event into it, once joined; may be repeated', collect)
    .option('--count <n>', 'end after so many events', parseCount)
    .option('--for <ms>', 'end after so long', parseMs)
    .option('--timeout <ms>', 'how long joining may take', parseMs)
  addTerminalOptions(join)
    .addHelpText(
      'after',
      `
Examples:
  typewire join http://localhost:3000 chat '{ "roomId": "42" }' --last 10
  typewire join http://localhost:3000 chat '{ "roomId": "42" }' --presence '{ "status": "here" }' --event message
  typewire join http://localhost:3000 chat '{ "roomId": "42" }' --emit 'typing={ "isTyping": true }' --for 1000`,
    )
    .action(async (url: string, name: string, given: string | undefined, options: JoinOptions) => {
      await run({ url, name, given, options }, io)
      end(exitCodes.done)
    })
}

interface Asked {
  readonly url: string
  readonly name: string
  readonly given: string | undefined
  readonly options: JoinOptions
}

async function run({ url, name, given, options }: Asked, io: Io): Promise<void> {
  const target = await readTarget(options, io)
  kindOf(name, ['room'], target)
  const room = target.known?.section.rooms?.[name]
  noteDeprecation(name, room, io)
  const isDeclared = room !== undefined
  const params = await readPosition(given, { schema: room?.params, isDeclared, what: 'params', name, target }, io)
  const said = { schema: room?.presence?.given, isDeclared, what: 'presence', name, target }
  const presence = await readPosition(options.presence, said, io)
  const emitted = await Promise.all((options.emit ?? []).map((text) => readEmitted(text, name, target, io)))
  const wanted = options.event
  if (target.known && room && wanted) {
    const there = Object.keys(room.events?.toClient ?? {})
    const wrong = wanted.find((event) => !there.includes(event))
    if (wrong !== undefined) throw unknownName(`event of ${name} to clients`, wrong, wrong, there, target.known.source)
  }

  const lines = new Lines(io, options)
  const heard = new Set<string>()
  let handle: UntypedHandle | undefined
  const onBatch = hear({
    onRoomEvent: (event) => {
      if (!handle || heard.has(event) || (wanted && !wanted.includes(event))) return
      heard.add(event)
      handle.on[event]!((payload) => {
        lines.add({ event, payload })
        return noAnswer
      })
    },
  })
  await withServer(url, target, { ...options, onBatch, isPatient: true }, io, async ({ verbs, ended }) => {
    const { last, timeout: timeoutMs } = options
    const joined = verb(verbs.join, name)(params, { last, timeoutMs, ...(presence === undefined ? {} : { presence }) })
    handle = joined
    joined.presence.subscribe(() => lines.show({ presence: joined.presence.current }))
    joined.onMissed(({ reason }) => note(io, `${name}: events were missed (${reason})`))
    const over = untilOver(joined, name, io)
    const end = lines.untilEnd(Promise.race([ended, over]))
    end.catch(() => {}) // it is waited for below
    emitAll(joined, emitted)
    await end
  })
}

/** What is emitted before the room is joined waits for that. */
function emitAll(handle: UntypedHandle, events: readonly Emitted[]): void {
  for (const { name, payload } of events) verb(handle.emit, name)(payload)
}

interface Emitted {
  readonly name: string
  readonly payload: unknown
}

/** `typing={ "isTyping": true }`, or `typing` alone. */
async function readEmitted(text: string, room: string, target: Target, io: Io): Promise<Emitted> {
  const [, name = '', , json] = /^([^=]*)(=([^]*))?$/.exec(text)!
  const described = target.known?.section.rooms?.[room]
  const events = described?.events?.toServer ?? {}
  if (described && !Object.hasOwn(events, name))
    throw unknownName(`event of ${room} to the server`, name, name, Object.keys(events), target.known.source)
  const position = {
    schema: described && events[name]!.payload,
    isDeclared: described !== undefined,
    what: `payload of ${name}`,
    name,
    target,
  }
  return { name, payload: await readPosition(json, position, io) }
}

/** Says where the handle stands; resolves when it was refused or is over, to why. */
function untilOver({ status }: UntypedHandle, name: string, io: Io): Promise<CliError> {
  return new Promise((resolve) => {
    let before: string | undefined
    const look = async () => {
      const { current } = status
      const was = before
      before = current.state
      if (current.state === 'denied' || (current.state === 'left' && current.by === 'server')) {
        const what = current.state === 'denied' ? `${name} was not joined` : `${name} was left`
        resolve(new CliError(`${what}. ${await explainError(current.reason)}`, exitCodes.found))
      }
      if (current.state === was) return
      if (current.state === 'joined')
        note(io, `joined ${name}${current.recovered === false ? ' again; events were missed' : ''}`)
      if (current.state === 'rejoining') note(io, `joining ${name} again`)
    }
    status.subscribe(() => void look())
    void look()
  })
}
