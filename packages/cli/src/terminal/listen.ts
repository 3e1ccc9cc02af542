import type { Command } from 'commander'
import { noAnswer } from '@typewire/client/watched'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import type { End } from '../program.ts'
import { withServer } from './connect.ts'
import { placeOf } from './explain.ts'
import { hear } from './hearing.ts'
import { addTerminalOptions, parseCount, parseMs, type TerminalOptions } from './options.ts'
import { Lines } from './lines.ts'
import { note } from './printer.ts'
import { readTarget, type Target, unknownName } from './target.ts'
import type { UntypedVerbs } from './untyped-client.ts'

interface ListenOptions extends TerminalOptions {
  readonly count?: number
  readonly for?: number
}

export function addListen(program: Command, io: Io, end: End): void {
  const listen = program
    .command('listen')
    .summary('print the events that a server sends')
    .description(
      'Prints what the server sends to this client as lines of JSON, { "event": …, "payload": … }, until Ctrl-C: events, and those of rooms that ' +
        'server code joins it to, with "room" and "params". Events that ask for an ack get none.',
    )
    .argument('<url>', 'where the server is: http://localhost:3000')
    .argument('[event...]', 'which events; default: all')
    .option('--count <n>', 'end after so many events', parseCount)
    .option('--for <ms>', 'end after so long', parseMs)
  addTerminalOptions(listen)
    .addHelpText(
      'after',
      `
Examples:
  typewire listen http://localhost:3000 --auth env:AUTH
  typewire listen http://localhost:3000 notice --count 1 | jq -r .payload.text`,
    )
    .action(async (url: string, names: readonly string[], options: ListenOptions) => {
      const target = await readTarget(options, io)
      assertKnown(names, target)
      const lines = new Lines(io, options)
      const prefix = target.path.map((name) => `${name}/`).join('')
      const heard = new Set<string>()
      const kinds = new Set<string>()
      const roomEvents = new Set<string>()
      let verbs: UntypedVerbs | undefined
      const local = (name: string) =>
        name.startsWith(prefix) && !name.slice(prefix.length).includes('/') ? name.slice(prefix.length) : undefined
      const isWanted = (name: string) => names.length === 0 || names.includes(name)

      const listenTo = (name: string) => {
        verbs!.on[name]!((payload) => {
          lines.add({ event: name, payload })
          return noAnswer
        })
      }
      const listenToRooms = () => {
        for (const kind of kinds) {
          for (const name of roomEvents) {
            if (heard.has(`${kind} ${name}`)) continue
            heard.add(`${kind} ${name}`)
            verbs!.rooms[kind]!.on[name]!((payload, { params }) => {
              lines.add({ event: name, room: kind, params, payload })
              return noAnswer
            })
          }
        }
      }
      const onBatch = hear({
        onEvent: (name) => {
          const event = local(name)
          if (event === undefined || !isWanted(event) || heard.has(event)) return
          heard.add(event)
          listenTo(event)
        },
        onRoom: (name) => {
          const kind = local(name)
          if (kind !== undefined) kinds.add(kind)
          listenToRooms()
        },
        onRoomEvent: (name) => {
          if (isWanted(name)) roomEvents.add(name)
          listenToRooms()
        },
      })
      const onVerbs = (given: UntypedVerbs) => (verbs = given)
      await withServer(url, target, { ...options, onBatch, onVerbs, isPatient: true }, io, async ({ ended }) => {
        note(io, `listening to ${placeOf(url)}; Ctrl-C ends it`)
        await lines.untilEnd(ended)
      })
      end(exitCodes.done)
    })
}

/** @throws CliError for an event that the contract does not have, to clients or in its rooms. */
function assertKnown(names: readonly string[], { known }: Target): void {
  if (!known) return
  const { events, rooms = {} } = known.section
  const there = [events, ...Object.values(rooms).map((room) => room.events)].flatMap((of) =>
    Object.keys(of?.toClient ?? {}),
  )
  const wrong = names.find((name) => !there.includes(name))
  if (wrong !== undefined) throw unknownName('event to clients', wrong, wrong, [...new Set(there)], known.source)
}
