import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Client, ClientOptionsOf } from '@typewire/client'
import { defineContract, event, type Named, procedure, room, TypewireError } from '@typewire/core'
import { createServer, type Identified, type ServerSession } from '@typewire/server'
import { createFakeClock, createRawServer } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { startClient } from '../support/clients.ts'
import { eventually, quiet } from '../support/eventually.ts'

// A contract with namespaces: `admin` asks for a code, `admin/audit` for nothing more, `lab` for nothing at all.

const Text = z.object({ text: z.string() })

const audit = defineContract({
  procedures: { who: procedure({ output: z.string() }) },
  events: { toClient: { entry: event(Text) } },
})

const admin = defineContract({
  auth: z.object({ code: z.string(), at: z.date().optional() }),
  procedures: {
    ban: procedure({ input: z.string(), output: z.string(), errors: { KING: z.object({ of: z.string() }) } }),
    /** Ends when it is told to stop. */
    hold: procedure({}),
  },
  events: {
    toServer: { note: event(Text), sign: event(Text, { ack: z.string() }) },
    toClient: { alert: event(Text, { ack: z.string() }) },
  },
  rooms: {
    desk: room({
      params: z.object({ id: z.number() }),
      events: { toServer: { say: event(Text) }, toClient: { said: event(Text) } },
      presence: z.object({ mood: z.string() }),
    }),
    /** Server code alone joins. */
    vault: room({ events: { toClient: { opened: event(Text) } } }),
  },
  namespaces: { audit },
})

const lab = defineContract({
  procedures: {
    echo: procedure({ input: z.string(), output: z.string() }),
    /** Ends when it is told to stop. */
    hold: procedure({}),
  },
  events: { toClient: { alert: event(Text) } },
  rooms: { bench: room({ events: { toClient: { said: event(Text) } } }) },
})

const contract = defineContract({
  auth: z.string().optional(),
  procedures: { echo: procedure({ input: z.string(), output: z.string() }), who: procedure({ output: z.string() }) },
  events: { toServer: { note: event(Text) }, toClient: { alert: event(Text) } },
  rooms: { desk: room({ params: z.object({ id: z.number() }), events: { toClient: { said: event(Text) } } }) },
  namespaces: { admin, lab },
})
export interface Site extends Named<typeof contract> {}
export const site: Site = contract

export interface Ctx extends Identified {
  readonly name: string
}
interface AdminCtx extends Identified {
  readonly code: string
  readonly under: string
}
export type SiteClient = Client<Site>
export type AdminSession = ServerSession<AdminCtx, Site['namespaces']['admin']>

export interface StageOptions {
  /** What `authenticate` of `admin` gives for a code; what it throws is thrown. Default: see `readCode`. */
  readonly readCode?: (code: string, ctx: Ctx, signal: AbortSignal) => Omit<AdminCtx, 'under'> | Promise<never>
  /** Whether `admin` stays open where the root's \`ctx\` is another. */
  readonly review?: (ctx: Ctx, identity: string | null, signal: AbortSignal) => boolean | Promise<boolean>
  readonly windowMs?: number
  readonly maxCalls?: number
  /** What `authenticate` of the root gives. */
  readonly admit?: (auth: string) => Ctx
  /** Whether a desk of `admin` may be joined, and what was said there be read. */
  readonly authorize?: () => boolean | Promise<boolean>
  /** The same of the root. */
  readonly authorizeAtRoot?: () => boolean
  readonly mayRead?: () => boolean | Promise<boolean>
  /** Runs for each note to `admin`. */
  readonly onNote?: () => Promise<void>
  /** Runs for each opening of `admin`. */
  readonly onOpen?: (session: AdminSession) => void
}

/** Codes are `name` or `name.seconds`: who, and for how long it is good. `wrong` is refused. */
export function readCode(code: string): Omit<AdminCtx, 'under'> {
  const [identity = '', seconds] = code.split('.')
  if (identity === 'wrong') throw new TypewireError('UNAUTHORIZED', 'the code is wrong')
  if (identity === 'broken') throw new Error('the database is away')
  return { identity, code, ...(seconds ? { expiresAtMs: Date.now() + Number(seconds) * 1_000 } : {}) }
}

const admitAs = (auth: string): Ctx => ({ identity: auth, name: auth })

export function startServer(options: StageOptions = {}) {
  const { readCode: read = readCode, windowMs = 120_000, maxCalls, admit = admitAs } = options
  const clock = createFakeClock()
  const errors: unknown[] = []
  /** What handlers saw, in order. */
  const seen: string[] = []
  /** How often `authenticate` of `admin` was asked, and what it was told of the credentials' date. */
  const asked: (Date | undefined)[] = []
  const signals: AbortSignal[] = []
  const server = createServer(site, {
    authenticate: ({ auth = 'ada' }): Ctx => admit(auth),
    namespaces: {
      admin: {
        authenticate: async ({ auth, ctx, signal }): Promise<AdminCtx> => {
          asked.push(auth.at)
          return { ...(await read(auth.code, ctx, signal)), under: ctx.name }
        },
        review: ({ ctx, identity, signal }) => options.review?.(ctx, identity, signal) ?? true,
      },
    },
    clock,
    heartbeat: false,
    resume: { windowMs },
    maxCalls,
    onError: (error) => void errors.push(error),
  })
  const hold = ({ signal }: { readonly signal: AbortSignal }) =>
    new Promise<void>((resolve) => {
      signals.push(signal)
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  const listening = server.implement({
    procedures: { echo: ({ input }) => input, who: ({ ctx }) => ctx.name },
    events: { note: ({ payload }) => void seen.push(`note ${payload.text}`) },
    rooms: { desk: { authorize: () => options.authorizeAtRoot?.() ?? true } },
    namespaces: {
      admin: {
        procedures: {
          ban: ({ input, ctx, errors: declared }) => {
            if (input === 'king') throw declared.KING({ of: ctx.code })
            seen.push(`ban ${input} by ${ctx.code}`)
            return `${ctx.identity} under ${ctx.under} has banned ${input}`
          },
          hold,
        },
        events: {
          note: ({ payload, ctx }) => {
            seen.push(`admin note ${payload.text} by ${ctx.code}`)
            return options.onNote?.()
          },
          sign: ({ payload }) => `signed ${payload.text}`,
        },
        rooms: {
          desk: {
            authorize: ({ ctx }) => options.authorize?.() ?? ctx.code !== 'barred',
            history: { limit: 10, authorize: () => options.mayRead?.() ?? true },
            events: { say: ({ room, payload }) => room.emit.said(payload) },
          },
        },
        session: ({ ctx, signal, session }) => {
          seen.push(`in ${ctx.code}`)
          signal.addEventListener('abort', () => seen.push(`out ${ctx.code}`), { once: true })
          options.onOpen?.(session)
        },
        namespaces: { audit: { procedures: { who: ({ ctx }) => ctx.code } } },
      },
      lab: {
        procedures: { echo: ({ input, ctx }) => `${ctx.name}: ${input}`, hold },
        rooms: { bench: { authorize: () => true } },
      },
    },
  })
  return { server, listening, clock, errors, seen, asked, signals }
}

export type RunningServer = ReturnType<typeof startServer> & {
  readonly url: string
  /** Cuts every connection at the server's side, without a word. */
  readonly cut: () => void
}

/** A server with time that stands still, which is closed when the test is over. */
export async function stage(options?: StageOptions): Promise<RunningServer> {
  const started = startServer(options)
  const http = createHttpServer((_, response) => response.writeHead(404).end())
  const sockets: Socket[] = []
  http.on('connection', (socket) => void sockets.push(socket))
  started.listening.attach(http)
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const cut = () => sockets.splice(0).forEach((socket) => socket.destroy())
  onTestFinished(async () => {
    const closed = started.server.close({ drainMs: 0 })
    await started.clock.advance(100)
    await closed
    cut()
    http.close()
  })
  const { port } = http.address() as AddressInfo
  return { ...started, url: `http://127.0.0.1:${port}`, cut }
}

/** A client whose time stands still, and what its `onError` got; closed when the test is over. */
export const clientOf = (url: string, options?: Partial<ClientOptionsOf<Site>>) => startClient<Site>(url, options)

/** Moves the client's time on until it has a connection. */
export async function untilConnected({ client, clock }: Pick<ReturnType<typeof clientOf>, 'client' | 'clock'>) {
  for (let tries = 0; tries < 20 && stateOf(client) !== 'open'; tries++) {
    await clock.advance(1_000)
    await quiet()
  }
}

export { createRawServer }
export { welcomedPeer } from '../support/clients.ts'

export const stateOf = ({ status }: { readonly status: { readonly current: { readonly state: string } } }) =>
  status.current.state

export const untilState = (of: Parameters<typeof stateOf>[0], state: string) =>
  eventually(() => stateOf(of) === state, `it is ${state}`)
