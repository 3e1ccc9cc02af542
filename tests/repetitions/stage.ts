// Calls that may run twice and calls that must not, and peers that speak by hand.

import { type Client, type ClientOptionsOf, createClient } from '@typewire/client'
import { type Broker, defineContract, event, type Named, procedure, room } from '@typewire/core'
import { createServer, type Identified } from '@typewire/server'
import { connectRawPeer, createFakeClock, createRawServer, type FakeClock, type RawPeer } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'

const put = procedure({
  input: z.string(),
  output: z.string(),
  errors: { TAKEN: z.object({ by: z.string() }) },
  idempotent: true,
})
const add = procedure({ input: z.string(), output: z.string() })

const admin = defineContract({ auth: z.string(), procedures: { put, add } })
const lab = defineContract({ procedures: { put } })

const contract = defineContract({
  auth: z.string().optional(),
  procedures: {
    /** Idempotent. */
    put,
    /** The same by another name. */
    set: put,
    /** Not idempotent. */
    add,
    /** Idempotent, of anything that travels. */
    carry: procedure({ input: z.unknown(), output: z.unknown(), idempotent: true }),
  },
  events: { toServer: { note: event(z.string(), { ack: z.string() }) } },
  rooms: { hall: room({}) },
  namespaces: { admin, lab },
})
export interface Store extends Named<typeof contract> {}
export const store: Store = contract

interface Ctx extends Identified {
  readonly identity: string | null
}

/** A handler that runs, and how it is let end. */
export interface Running {
  readonly what: string
  readonly signal: AbortSignal
  readonly end: (answer?: string) => void
  readonly fail: (error: unknown) => void
}

export interface NodeOptions {
  readonly broker?: Broker
  readonly clock?: FakeClock
  readonly windowMs?: number
  /** Handlers run until they are let end, and heed no signal. Default: they answer at once. */
  readonly isHeld?: boolean
}

/** A server whose handlers write down what they are asked. `TAKEN` as input is answered so, `broken` fails. */
export async function startNode({ broker, clock = createFakeClock(), windowMs = 0, isHeld = false }: NodeOptions = {}) {
  const errors: unknown[] = []
  /** What has begun to run, in order. */
  const runs: string[] = []
  const running: Running[] = []
  const server = createServer(store, {
    authenticate: ({ auth }): Ctx => ({ identity: auth ?? null }),
    namespaces: { admin: { authenticate: ({ auth }) => ({ identity: auth }) } },
    clock,
    heartbeat: false,
    resume: { windowMs },
    timeoutMs: 30_000,
    broker,
    onError: (error) => void errors.push(error),
  })
  const run = (name: string, input: string, signal: AbortSignal): string | Promise<string> => {
    const what = `${name} ${input}`
    runs.push(what)
    const answer = `${what}: ${runs.filter((other) => other === what).length}`
    if (!isHeld) return answer
    return new Promise((resolve, reject) => {
      running.push({ what, signal, end: (other = answer) => resolve(other), fail: reject })
    })
  }
  type Put = {
    readonly input: string
    readonly signal: AbortSignal
    readonly errors: { readonly TAKEN: (data: { readonly by: string }) => Error }
  }
  const putAs =
    (name: string) =>
    ({ input, signal, errors: { TAKEN } }: Put) => {
      if (input === 'TAKEN') {
        runs.push(`${name} TAKEN`)
        throw TAKEN({ by: `run ${runs.length}` })
      }
      if (input === 'broken') {
        runs.push(`${name} broken`)
        throw new Error('the disk is full')
      }
      return run(name, input, signal)
    }
  const listening = server.implement({
    procedures: {
      put: putAs('put'),
      set: putAs('set'),
      add: ({ input, signal }) => run('add', input, signal),
      carry: ({ input }) => {
        runs.push('carry')
        return input
      },
    },
    events: { note: ({ payload, signal }) => run('note', payload, signal) },
    rooms: { hall: { authorize: () => true } },
    namespaces: {
      admin: {
        procedures: { put: putAs('admin/put'), add: ({ input, signal }) => run('admin/add', input, signal) },
      },
      lab: { procedures: { put: putAs('lab/put') } },
    },
  })
  onTestFinished(() => within(clock, listening.close({ drainMs: 0 })))
  const { port } = await listening.listen(0, { host: '127.0.0.1' })
  const url = `http://127.0.0.1:${port}`
  const peers: RawPeer[] = []
  onTestFinished(() => peers.forEach((peer) => peer.cut()))

  /** A peer that was welcomed, of the client object `i`, as nobody in particular. */
  const peer = async (hello: Readonly<Record<string, unknown>> = {}): Promise<RawPeer> => {
    const made = await connectRawPeer(`${url}/typewire`)
    peers.push(made)
    await made.hello({ instance: 'i', ...hello })
    return made
  }
  /** Ends a peer's session by its link, and waits until the server knows. */
  const lose = async (made: RawPeer): Promise<void> => {
    const before = [...server.sessions].length
    made.cut()
    await eventually(() => [...server.sessions].length < before, 'the session is over')
  }
  /** The handler of this number that was begun, from 0, when it runs. */
  const begun = async (index: number): Promise<Running> => {
    await eventually(() => running.length > index, `handler ${index} runs`)
    return running[index]!
  }
  return { server, listening, url, port, clock, errors, runs, running, peer, lose, begun }
}

export type StoreClient = Client<Store> & { readonly clock: FakeClock; readonly errors: unknown[] }

/** A client whose time stands still, and whose chance is 0. */
export function startClient(
  options: Partial<ClientOptionsOf<Store>> & Pick<ClientOptionsOf<Store>, 'url'>,
): StoreClient {
  const clock = createFakeClock()
  const errors: unknown[] = []
  const client = createClient<Store>({
    clock,
    onError: (error) => void errors.push(error),
    reconnect: { random: () => 0 },
    transports: ['websocket'],
    namespaces: { admin: { auth: 'ada' } },
    ...options,
  })
  onTestFinished(() => within(clock, client.close()))
  return { ...client, clock, errors }
}

/** Lets time pass until something that waits for it is done: the end of a poll that is held, say. */
export async function within(clock: FakeClock, done: Promise<unknown>): Promise<void> {
  let isDone = false
  const over = done.finally(() => (isDone = true))
  while (!isDone) await clock.advance(1)
  await over
}

/** A client, and the server that speaks to it by hand. */
export async function startByHand(options: Partial<ClientOptionsOf<Store>> = {}) {
  const raw = await createRawServer()
  onTestFinished(() => raw.close())
  const client = startClient({ url: raw.url, ...options })
  /** Lets the client make its next attempt, and welcomes it. */
  const next = async (welcome: Readonly<Record<string, unknown>> = {}): Promise<RawPeer> => {
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')
    await client.clock.advance(1)
    return raw.welcome(welcome)
  }
  return { raw, client, next }
}
