import { PassThrough, Readable } from 'node:stream'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Io, run } from '@typewire/cli'
import { defineContract, event, type Named, procedure, room, stream, TypewireError, upload } from '@typewire/core'
import { describeContract, snapshotText } from '@typewire/core/snapshot'
import { createServer } from '@typewire/server'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { eventually } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'

// A server with one of each thing that the terminal client can ask for, and a terminal to ask it from.

// the document begins

const Message = z.object({ author: z.string(), text: z.string(), sentAt: z.date() })

const admin = defineContract({
  auth: z.object({ code: z.string() }),
  procedures: { ban: procedure({ input: z.string(), output: z.object({ banned: z.string() }) }) },
  events: { toClient: { report: event(z.object({ text: z.string() })) } },
})

const contract = defineContract({
  auth: z.object({ token: z.string(), since: z.date().optional() }).optional(),
  procedures: {
    send: procedure({
      input: z.object({ text: z.string().min(1) }),
      output: Message,
      errors: { MUTED: z.object({ untilMs: z.number() }) },
    }),
    whoami: procedure({ output: z.string() }),
    later: procedure({
      input: z.object({ at: z.date(), id: z.bigint(), tags: z.set(z.string()) }),
      output: z.unknown(),
    }),
    importRows: procedure({
      input: upload(z.object({ n: z.number() }), z.object({ table: z.string() })),
      output: z.string(),
    }),
    wait: procedure({}),
  },
  streams: { count: stream({ input: z.object({ to: z.number() }), items: z.object({ n: z.number() }) }) },
  events: {
    toServer: { seen: event(z.object({ id: z.string() }), { ack: z.object({ at: z.date() }) }) },
    toClient: { notice: event(z.object({ text: z.string() })), ask: event(z.string(), { ack: z.boolean() }) },
  },
  rooms: {
    chat: room({
      params: z.object({ roomId: z.string() }),
      presence: z.object({ mood: z.string() }).optional(),
      events: { toServer: { say: event(z.string()) }, toClient: { message: event(Message), quiet: event() } },
    }),
    lobby: room({ events: { toClient: { welcome: event(z.object({ text: z.string() })) } } }),
  },
  namespaces: { admin },
})
export interface Lab extends Named<typeof contract> {}
export const lab: Lab = contract

// the document ends

/** `waiting`: how many handlers wait for their callers to go. `seen`: what came. */
export async function startLab() {
  const state = { waiting: 0, seen: [] as string[], sessions: 0, errors: [] as unknown[] }
  const sentAt = new Date('2026-11-29T08:30:00Z')
  const server = createServer(lab, {
    authenticate: ({ auth }) => {
      if (auth?.token === 'stranger') throw new TypewireError('UNAUTHORIZED', 'Nobody knows you.')
      return { identity: auth?.token ?? 'guest' }
    },
    namespaces: {
      admin: {
        authenticate: ({ auth }) => {
          if (auth.code !== '1234') throw new TypewireError('UNAUTHORIZED', 'Administrators alone.')
          return { identity: 'admin' }
        },
      },
    },
    onError: (error) => void state.errors.push(error),
  })
  const ready = server.implement({
    procedures: {
      send({ input, ctx, errors }) {
        if (input.text === 'spam') throw errors.MUTED({ untilMs: 60_000 })
        if (input.text === 'bug') throw new Error('a secret of the server')
        return { author: ctx.identity, text: input.text, sentAt }
      },
      whoami: ({ ctx }) => ctx.identity,
      later: ({ input }) => ({ ...input, back: new Map([['k', 1n]]), bytes: new Uint8Array([1, 2, 3]) }),
      async importRows({ input: { table, items } }) {
        let sum = 0
        for await (const { n } of items) sum += n
        return `${table}: ${sum}`
      },
      wait: ({ signal }) =>
        new Promise<void>((_, reject) => {
          state.waiting++
          signal.addEventListener('abort', () => {
            state.waiting--
            reject(signal.reason as Error)
          })
        }),
    },
    streams: {
      async *count({ input: { to }, signal }) {
        for (let n = 1; n <= to && !signal.aborted; n++) yield { n }
      },
    },
    events: {
      seen: ({ payload }) => {
        state.seen.push(payload.id)
        return { at: sentAt }
      },
    },
    rooms: {
      chat: {
        authorize: ({ params }) => params.roomId !== 'secret',
        history: { limit: 10, ttlMs: 60_000 },
        presence: {},
        events: {
          say: ({ payload, room: at, ctx }) => at.emit.message({ author: ctx.identity, text: payload, sentAt }),
        },
      },
      lobby: {},
    },
    namespaces: { admin: { procedures: { ban: ({ input }) => ({ banned: input }) } } },
    session: async ({ session, signal }) => {
      state.sessions++
      signal.addEventListener('abort', () => state.sessions--)
      await session.join(server.rooms.lobby())
      session.emit.notice({ text: 'hello' })
      server.rooms.lobby().emit.welcome({ text: 'in the lobby' })
    },
  })
  const { url, port } = await serve(ready)
  return { url, port, server, ready, state }
}

export interface Terminal {
  readonly out: () => string
  readonly err: () => string
  /** The values of its lines. */
  readonly lines: () => unknown[]
  readonly cwd: string
  readonly io: Io
  /** Ctrl-C. */
  readonly interrupt: () => void
  readonly stdin: PassThrough
}

/** A terminal of a test, in a folder of its own, with the snapshot of the lab in it unless `hasContract` says no. */
export async function openTerminal({
  hasContract = true,
  input,
  isTty = false,
  env = {},
}: TerminalSetUp = {}): Promise<Terminal> {
  const cwd = mkdtempSync(join(tmpdir(), 'typewire-terminal-'))
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }))
  if (hasContract) writeFileSync(join(cwd, 'typewire.json'), snapshotText(await describeContract(lab, { name: 'lab' })))
  const interrupt = new AbortController()
  const [out, err]: [string[], string[]] = [[], []]
  const stdin = new PassThrough()
  if (input !== undefined) Readable.from([Buffer.from(input)]).pipe(stdin)
  return {
    out: () => out.join(''),
    err: () => err.join(''),
    lines: () =>
      out
        .join('')
        .split('\n')
        .filter(Boolean)
        .map((line): unknown => JSON.parse(line)),
    cwd,
    stdin,
    interrupt: () => interrupt.abort(),
    io: {
      stdin,
      stdout: { write: (text) => out.push(text), isTTY: isTty },
      stderr: { write: (text) => err.push(text) },
      cwd,
      env,
      signal: interrupt.signal,
    },
  }
}

export interface TerminalSetUp {
  readonly hasContract?: boolean
  /** What is piped into it. */
  readonly input?: string
  readonly isTty?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a command line to its end. */
export async function typewire(args: readonly string[], setUp: TerminalSetUp = {}) {
  const terminal = await openTerminal(setUp)
  const exitCode = await run(args, terminal.io)
  return { exitCode, out: terminal.out(), err: terminal.err(), lines: terminal.lines }
}

/** Begins one that goes on until it is interrupted. */
export async function begin(args: readonly string[], setUp: TerminalSetUp = {}) {
  const terminal = await openTerminal(setUp)
  const exitCode = run(args, terminal.io)
  onTestFinished(async () => {
    terminal.interrupt()
    await exitCode
  })
  return {
    ...terminal,
    exitCode,
    shows: (text: string) =>
      eventually(() => (terminal.out() + terminal.err()).includes(text), `${args.join(' ')} shows ${text}`),
  }
}
