import { type Client, type ClientOptionsOf, createClient } from '@typewire/client'
import { type Clock, defineContract, event, type Named, procedure, room, TypewireError } from '@typewire/core'
import { createServer, type ServerOptions } from '@typewire/server'
import { connectRawPeer, createRawServer, type RawPeerOptions } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

// A contract with one of each, and both sides of it against a peer that speaks by hand.

const contract = defineContract({
  auth: z.object({ name: z.string() }).optional(),
  procedures: {
    echo: procedure({ input: z.any(), output: z.any() }),
    add: procedure({ input: z.object({ a: z.number(), b: z.number() }), output: z.number() }),
    /** Answers with what a server alone may send, and with what it may not send whole. */
    made: procedure({ output: z.any() }),
    /** Ends when it is told to stop. */
    hold: procedure({}),
    fail: procedure({ input: z.string(), output: z.number(), errors: { BROKEN: z.object({ part: z.string() }) } }),
  },
  events: {
    toServer: { seen: event(z.any()), asked: event(z.number(), { ack: z.number() }), held: event() },
    toClient: { notice: event(z.string(), { ack: z.number() }), tick: event(z.number()) },
  },
  rooms: {
    chat: room({
      params: z.object({ id: z.number(), of: z.string().optional() }),
      events: { toServer: { typing: event(), unheard: event() }, toClient: { message: event(z.string()) } },
    }),
    /** Server code alone joins. */
    inbox: room({ events: { toClient: { mail: event(z.string()) } } }),
  },
})
export interface Wire extends Named<typeof contract> {}
export const wire: Wire = contract

interface Ctx {
  readonly identity: string | null
}

/** What handlers saw, in order. */
type Seen = readonly [what: string, value?: unknown]

export async function startServer(
  options: ServerOptions<Wire, Ctx> = {},
  authorize = (params: { readonly id: number }): boolean | Promise<boolean> => params.id < 100,
) {
  const seen: Seen[] = []
  const errors: unknown[] = []
  const held: (() => void)[] = []
  const release = () => held.splice(0).forEach((end) => end())
  const server = createServer<Wire, Ctx>(wire, {
    authenticate: ({ auth }) => ({ identity: auth?.name ?? null }),
    resume: { windowMs: 0 },
    heartbeat: false,
    onError: (error) => errors.push(error),
    ...options,
  })
  const untilAborted = (signal: AbortSignal, what: string) =>
    new Promise<never>((_, reject) => {
      seen.push([what])
      signal.addEventListener('abort', () => {
        seen.push([`${what} aborted`])
        reject(signal.reason as Error)
      })
    })
  const listener = server.implement({
    procedures: {
      echo({ input }) {
        seen.push(['echo', input])
        return input as unknown
      },
      add: ({ input: { a, b } }) => a + b,
      made: () => ({ is: /^\d$/, failed: new RangeError('too far', { cause: new Error('a secret') }) }),
      hold: ({ signal }) => untilAborted(signal, 'hold'),
      fail({ input, errors: { BROKEN } }) {
        if (input === 'BROKEN') throw BROKEN({ part: 'wheel' })
        if (input === 'output') return 'no number' as unknown as number
        if (input === 'Error') throw new Error('a secret')
        throw new TypewireError(input, 'as the handler says')
      },
    },
    events: {
      seen: ({ payload }) => {
        seen.push(['seen', payload])
      },
      asked: async ({ payload }) => {
        await Promise.resolve()
        seen.push(['asked', payload])
        if (payload < 0) throw new Error('a secret')
        return payload * 2
      },
      held: ({ signal }) => Promise.race([untilAborted(signal, 'held'), new Promise<void>((end) => held.push(end))]),
    },
    rooms: {
      chat: {
        authorize: ({ params }) => authorize(params),
        events: {
          typing: ({ params }) => {
            seen.push(['typing', params])
          },
        },
      },
    },
  })
  onTestFinished(() => listener.close({ drainMs: 0 }))
  const { port } = await listener.listen(0, { host: '127.0.0.1' })
  const url = `http://127.0.0.1:${port}/typewire`

  /** Opens a connection that has said nothing yet. */
  const open = (peerOptions?: RawPeerOptions) => connectRawPeer(url, peerOptions)
  /** Opens a connection that has been welcomed. */
  const connect = async (hello: Readonly<Record<string, unknown>> = {}) => {
    const peer = await open()
    const { session } = await peer.hello(hello)
    return Object.assign(peer, { session: [...server.sessions].find(({ id }) => id === session)! })
  }
  return { server, listener, url, seen, errors, open, connect, release }
}

/** A client, and the server that speaks to it by hand. */
export async function startClient(options: Partial<ClientOptionsOf<Wire>> & { readonly clock?: Clock } = {}) {
  const raw = await createRawServer()
  onTestFinished(() => raw.close())
  const errors: unknown[] = []
  const client: Client<Wire> = createClient<Wire>({
    url: raw.url,
    onError: (error) => errors.push(error),
    reconnect: { minDelayMs: 1, maxDelayMs: 1 },
    transports: ['websocket'],
    ...options,
  })
  onTestFinished(() => client.close())
  return { raw, client, errors }
}

/** The same, welcomed. */
export async function startWelcomed(
  options: Parameters<typeof startClient>[0] = {},
  welcome: Readonly<Record<string, unknown>> = {},
) {
  const started = await startClient(options)
  const connected = started.client.connect()
  const peer = await started.raw.welcome(welcome)
  await connected
  return { ...started, peer }
}
