import { createClient } from '@typewire/client'
import { defineContract, procedure, stream, upload } from '@typewire/core'
import { createServer } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, settled } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { all } from './stage.ts'

failOnUnhandledRejections()

const admin = defineContract({
  auth: z.object({ code: z.string() }),
  procedures: { sum: procedure({ input: upload(z.number()), output: z.number() }) },
  streams: { log: stream({ items: z.number(), key: (n) => n }), watch: stream({ items: z.number() }) },
})
const site = defineContract({ namespaces: { admin } })

async function start() {
  const clock = createFakeClock()
  const ended: string[] = []
  const server = createServer(site, {
    clock,
    heartbeat: false,
    resume: { windowMs: 0 },
    namespaces: { admin: { authenticate: ({ auth }) => ({ identity: auth.code }) } },
  })
  const listening = server.implement({
    namespaces: {
      admin: {
        procedures: {
          sum: async ({ input }) => {
            let sum = 0
            for await (const n of input) sum += n
            return sum
          },
        },
        streams: {
          async *log({ after, ctx }) {
            if (ctx.identity === 'root') for (let n = Number(after ?? 0) + 1; n <= 60; n++) yield n
          },
          async *watch({ signal }) {
            try {
              yield 1
              await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
            } finally {
              ended.push('watch')
            }
          },
        },
      },
    },
  })
  const { url } = await serve(listening, clock)
  const clientClock = createFakeClock()
  const client = createClient<typeof site>({
    url,
    clock: clientClock,
    transports: ['websocket'],
    reconnect: { random: () => 0 },
    namespaces: { admin: { auth: () => ({ code: 'root' }) } },
  })
  onTestFinished(() => client.close())
  return { server, client, clock, clientClock, ended }
}

test('a stream of a namespace opens it, goes on in another session where it has keys, and ends with it', async () => {
  const { server, client, clock, clientClock, ended } = await start()
  const { admin: part } = client.ns
  const log = part.stream.log()
  const got: number[] = []
  for (let n = 0; n < 5; n++) got.push((await log.next()).value!)
  ;[...server.sessions][0]!.revoke()
  await eventually(() => client.status.current.state !== 'open', 'the session is lost')
  await clock.advance(100)
  await clientClock.advance(1_000)
  for await (const n of log) got.push(n)
  expect(got).toEqual(Array.from({ length: 60 }, (_, i) => i + 1))

  async function* numbers() {
    yield* [1, 2, 3]
  }
  expect(await part.call.sum(numbers())).toBe(6)

  const watching = settled(all(part.stream.watch()), 'the stream')
  await eventually(() => [...server.ns.admin.sessions].length === 1, 'it is open')
  await eventually(() => part.status.current.state === 'open', 'the client knows')
  const other = part.stream.watch()
  await other.next()
  ;[...server.ns.admin.sessions][0]!.close('dismissed')
  expect(await watching).toMatchObject({ reason: { code: 'FORBIDDEN' } })
  await expect(other.next()).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await eventually(() => ended.length === 2, 'both have ended')
})
