import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Client, ClientOptionsOf } from '@typewire/client'
import { defineContract, type Named, procedure, stream, upload } from '@typewire/core'
import { createServer, type Handlers, type Listening, type ServerOptions } from '@typewire/server'
import { type ChooseFault, createFakeClock, openFrameFaultLink } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { startClient } from '../support/clients.ts'
import { serve } from '../support/serve.ts'

// One of each of the four shapes: items down, items up, items up with a head, and both ways.

const Line = z.object({ n: z.number(), text: z.string() })

const contract = defineContract({
  procedures: {
    echo: procedure({ input: z.string(), output: z.string() }),
    sum: procedure({ input: upload(z.number()), output: z.number(), errors: { ENOUGH: z.object({ at: z.number() }) } }),
    store: procedure({ input: upload(Line, z.object({ name: z.string() })), output: z.string() }),
  },
  streams: {
    count: stream({
      input: z.object({ to: z.number() }),
      items: z.number(),
      errors: { TIRED: z.object({ at: z.number() }) },
    }),
    lines: stream({ items: Line, key: ({ n }) => n }),
    brief: stream({ items: z.number(), timeoutMs: 1_000 }),
    lengths: stream({ input: upload(z.string()), items: z.string().transform((text) => text.length) }),
    bytes: stream({ items: z.instanceof(Uint8Array) }),
  },
})
export interface Flow extends Named<typeof contract> {}
export const flow: Flow = contract

type Ctx = { readonly identity: string | null }
type FlowHandlers = Handlers<Ctx, Flow>
export interface StageOptions {
  readonly streams?: Partial<FlowHandlers['streams']>
  readonly procedures?: Partial<FlowHandlers['procedures']>
  readonly server?: ServerOptions<Flow, Ctx>
}

/** What ended, in the order in which it did: the `finally` of handlers. */
export type Ended = string[]

export async function stage({ streams = {}, procedures = {}, server: options = {} }: StageOptions = {}) {
  const clock = createFakeClock()
  const errors: unknown[] = []
  const ended: Ended = []
  /** How many items the handlers have made. */
  let made = 0
  const server = createServer(flow, {
    clock,
    heartbeat: false,
    onError: (error) => void errors.push(error),
    ...options,
  })
  const listening = server.implement({
    procedures: {
      echo: ({ input }) => input,
      sum: async ({ input }) => {
        let sum = 0
        for await (const n of input) sum += n
        return sum
      },
      store: async ({ input }) => {
        const texts: string[] = []
        for await (const { text } of input.items) texts.push(text)
        return `${input.name}: ${texts.join(' ')}`
      },
      ...procedures,
    },
    streams: {
      async *count({ input, errors: declared }) {
        try {
          for (let n = 1; n <= input.to; n++) {
            made++
            yield n
          }
          if (input.to < 0) throw declared.TIRED({ at: input.to })
        } finally {
          ended.push(`count to ${input.to}`)
        }
      },
      async *lines({ after }) {
        for (let n = after === undefined ? 1 : Number(after) + 1; n <= 100; n++) yield { n, text: `line ${n}` }
      },
      async *brief({ signal }) {
        yield 1
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
        ended.push('brief')
      },
      async *lengths({ input }) {
        for await (const text of input) yield text
      },
      async *bytes() {
        for (let n = 0; n < 4; n++) yield new Uint8Array(1_000).fill(n)
      },
      ...streams,
    },
  })
  const { url, port } = await serve(listening, clock)
  return { server, listening, clock, errors, ended, url, port, made: () => made }
}

export type FlowClient = Client<Flow>

export const clientOf = (url: string, options?: Partial<ClientOptionsOf<Flow>>) => startClient<Flow>(url, options)

export { welcomedPeer } from '../support/clients.ts'

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = []
  for await (const item of items) got.push(item)
  return got
}

/** A door that is shut until it is opened. */
export function door() {
  let open = () => {}
  const isOpen = new Promise<void>((resolve) => (open = resolve))
  return { open, isOpen }
}

/** The same server behind a link that does to what passes what a test chooses. */
export async function behindLink(listening: Listening, choose: ChooseFault): Promise<{ readonly url: string }> {
  const http = createHttpServer()
  listening.attach(http)
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve)
  })
  const link = await openFrameFaultLink((http.address() as AddressInfo).port, choose)
  onTestFinished(async () => {
    await listening.close({ drainMs: 0 })
    await link[Symbol.asyncDispose]()
    http.closeAllConnections()
    await new Promise((resolve) => {
      http.close(resolve)
    })
  })
  return { url: `http://127.0.0.1:${link.port}` }
}
