import { type Client, type ClientOptionsOf, createClient } from '@typewire/client'
import { type Broker, defineContract, event, type Named, type Presence, room } from '@typewire/core'
import { createServer, type Handlers, type ServerOptions } from '@typewire/server'
import { connectRawPeer, createFakeClock, type FakeClock, type RawPeer } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { movedOn } from '../support/moved-on.ts'
import { transportOfTests } from '../support/transport-of-tests.ts'

// A contract of rooms with presence, servers of it on one clock, and both kinds of clients.

const Face = z.object({ name: z.string(), since: z.date().optional() })

const contract = defineContract({
  auth: z.string().nullable().optional(),
  rooms: {
    cafe: room({
      params: z.object({ id: z.string() }),
      presence: Face,
      events: { toClient: { said: event(z.string()) } },
    }),
    /** Members are counted. */
    square: room({ presence: z.string().optional() }),
    /** Nobody is told who is there. */
    maze: room({ events: { toClient: { turn: event(z.string()) } } }),
    /** Members say what they like. */
    attic: room({ presence: z.unknown() }),
    /** Server code alone joins sessions. */
    office: room({ presence: z.string().optional() }),
    /** Takes its time over what members say. */
    salon: room({ presence: z.string().transform(async (text) => text.toUpperCase()) }),
  },
})
export interface Town extends Named<typeof contract> {}
export const town: Town = contract

interface Ctx {
  readonly identity: string | null
}
export type TownHandlers = Handlers<Ctx, Town>
export type Cafe = ReturnType<Client<Town>['join']['cafe']>

export interface TownOptions {
  readonly clock?: FakeClock
  readonly broker?: Broker
  readonly server?: ServerOptions<Town, Ctx>
  readonly rooms?: TownHandlers['rooms']
}

/** Starts a server of the contract. What it gives is closed when the test is over. */
export async function startTown({ clock = createFakeClock(), broker, server: options, rooms }: TownOptions = {}) {
  const errors: unknown[] = []
  const server = createServer<Town, Ctx>(town, {
    authenticate: ({ auth }) => ({ identity: auth ?? null }),
    clock,
    heartbeat: false,
    onError: (error) => void errors.push(error),
    ...(broker ? { broker } : {}),
    ...options,
  })
  const always = { authorize: () => true }
  const listening = server.implement({
    rooms: {
      cafe: always,
      square: { ...always, presence: { mode: 'count' } },
      maze: always,
      attic: always,
      salon: always,
      ...rooms,
    },
  })
  const close = () => movedOn(clock, server.close({ drainMs: 0 }))
  onTestFinished(close)
  const { port } = await listening.listen(0, { host: '127.0.0.1' })
  const url = `http://127.0.0.1:${port}/typewire`

  const client = (auth: string | null = null, more: Partial<ClientOptionsOf<Town>> = {}) => {
    const made = createClient<Town>({
      url,
      auth,
      clock,
      transports: [transportOfTests()],
      reconnect: { random: () => 0 },
      onError: (error) => void errors.push(error),
      ...more,
    })
    onTestFinished(() => made.close())
    return made
  }
  const peer = (auth: string | null, hello: Readonly<Record<string, unknown>> = {}) => connectPeer(url, auth, hello)
  const cafe = (id = 'c') => server.rooms.cafe({ id })
  return { server, clock, url, errors, client, peer, cafe, close }
}

interface CafeJoined {
  readonly room: number
  /** The id of the call. */
  readonly join: number
  readonly told: unknown
}

/** A client that speaks by hand, welcomed. */
export interface TownPeer extends Omit<RawPeer, 'resume'> {
  readonly sessionId: string
  readonly resume: { readonly session: string; readonly secret: string }
  /** Calls, and gives the answer: its kind and what follows the id. */
  readonly ask: (name: string, input: unknown) => Promise<readonly unknown[]>
  /** The id of what was asked last, by whomever. */
  readonly lastId: () => number
  /** Joins a cafe, and gives what the presence frame behind the answer says. */
  readonly join: (presence: unknown, id?: string) => Promise<CafeJoined>
  /** What the next frame of presence says. */
  readonly told: () => Promise<unknown>
}

let lastId = 0

export async function connectPeer(
  url: string,
  auth: string | null,
  hello: Readonly<Record<string, unknown>> = {},
): Promise<TownPeer> {
  const raw = await connectRawPeer(url)
  onTestFinished(() => raw.cut())
  const welcome = await raw.hello({ auth, ...hello })
  const session = welcome['session'] as string
  const ask = async (name: string, input: unknown) => {
    const id = ++lastId
    raw.send([17, id, name, 0, input])
    let frame = await raw.read()
    while (frame[0] === 29) frame = await raw.read() // what server code has joined
    const [kind, answered, ...rest] = frame
    if (answered !== id)
      throw new Error(`${name} was not answered, but ${JSON.stringify([kind, answered, ...rest])} came`)
    return [kind, ...rest]
  }
  const told = async () => (await raw.readKind(27))[2]
  return {
    ...raw,
    sessionId: session,
    resume: { session, secret: (welcome['resume'] as { readonly secret: string } | undefined)?.secret ?? '' },
    ask,
    lastId: () => lastId,
    told,
    async join(presence, id = 'c') {
      const asking = ask('$join', { kind: 'cafe', params: { id }, presence })
      const join = lastId
      const [kind, answer] = await asking
      if (kind !== 18) throw new Error(`$join was answered with ${JSON.stringify([kind, answer])}`)
      const { room } = answer as { readonly room: number }
      const [frame, number, what] = await raw.read()
      if (frame !== 27 || number !== room) throw new Error(`No presence behind the join, but kind ${String(frame)}.`)
      return { room, join, told: what }
    },
  }
}

/** What members are shown, in short: `ada: Ada, Ada 2`. */
export const shown = ({ members }: Presence<{ readonly name: string }>): readonly string[] =>
  members.map(({ id, entries }) => `${id}: ${entries.map(({ data }) => data.name).join(', ')}`)

/** Waits until a handle shows what it must. */
export const untilShown = (handle: Cafe, expected: readonly string[]): Promise<void> =>
  eventually(
    () => JSON.stringify(shown(handle.presence.current)) === JSON.stringify(expected),
    `${expected.join('; ')} is shown`,
  )

/** All that a handle has shown, from now on. */
export function historyOf(handle: Cafe): (readonly string[])[] {
  const seen = [shown(handle.presence.current)]
  handle.presence.subscribe(() => seen.push(shown(handle.presence.current)))
  return seen
}
