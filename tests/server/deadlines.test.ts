// `deadlineMs`: what a handler is told of its time is when its signal aborts.

import { createClient } from '@typewire/client'
import { defineContract, event, type Named, procedure, room, upload } from '@typewire/core'
import { createServer } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, settled } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

/** How much is left, in seconds: `Date.now()` goes on a little meanwhile. */
const leftOf = ({ deadlineMs }: { readonly deadlineMs: number }) => Math.round((deadlineMs - Date.now()) / 1_000)

const acked = event(z.string(), { ack: z.number() })

async function start() {
  const held: (() => void)[] = []
  const slow = z.string().refine(() => new Promise<boolean>((resolve) => held.push(() => resolve(true))))
  const contract = defineContract({
    procedures: {
      slow: procedure({ input: slow, output: z.number(), timeoutMs: 20_000 }),
      again: procedure({ input: z.string(), output: z.number(), idempotent: true }),
      sum: procedure({ input: upload(z.number()), output: z.array(z.number()) }),
      busy: procedure({ output: z.number(), timeoutMs: 20_000 }),
      load: procedure({ input: upload(z.number()), timeoutMs: 20_000 }),
    },
    events: { toServer: { ask: acked, note: event(z.string()) } },
    rooms: { hall: room({ events: { toServer: { vote: acked } } }) },
  })
  interface Limited extends Named<typeof contract> {}
  const stood = createFakeClock()
  let spentMs = 0
  const clock = { ...stood, now: () => stood.now() + spentMs }
  /** Time passes in which nothing else runs. */
  const spend = (ms: number) => (spentMs += ms)
  const noted: number[] = []
  const next: (() => void)[] = []
  const server = createServer(contract as Limited, { clock, heartbeat: false })
  const listening = server.implement({
    procedures: {
      slow: leftOf,
      again: leftOf,
      sum: async (args) => {
        const lefts: number[] = []
        for await (const _ of args.input) {
          lefts.push(leftOf(args))
          await new Promise<void>((resolve) => next.push(resolve))
          lefts.push(leftOf(args))
        }
        return lefts
      },
      busy: (args) => {
        spend(15_000)
        return new Promise((resolve) => next.push(() => resolve(leftOf(args))))
      },
      load: () => {
        spend(15_000)
        return new Promise((resolve) => next.push(resolve))
      },
    },
    events: { ask: leftOf, note: (args) => void noted.push(leftOf(args)) },
    rooms: { hall: { authorize: () => true, events: { vote: leftOf } } },
  })
  const { url } = await serve(listening, clock)
  const client = createClient<Limited>({ url, clock: stood, ping: false, transports: ['websocket'] } as never)
  onTestFinished(() => client.close())
  return { server, client, clock, held, noted, next }
}

test('counts from when the limit was set: what an input’s schema takes is gone', async () => {
  const { client, clock, held } = await start()
  const call = settled(client.call.slow('x'), 'the call')
  await eventually(() => held.length > 0, 'the schema runs')
  await clock.advance(15_000)
  held.forEach((release) => release())
  expect(await call).toEqual({ status: 'fulfilled', value: 5 })
})

test.each(['busy', 'load'] as const)(
  'counts from the start of a handler that works before it waits: %s',
  async (name) => {
    const { client, clock, next } = await start()
    // The client's own clock stands: the server's limit is what ends it.
    const asked = name === 'load' ? client.call.load([1]) : client.call.busy()
    const call = settled<unknown>(asked, 'the call')
    await eventually(() => next.length > 0, 'the handler waits')
    await clock.advance(5_100)
    expect(await call).toMatchObject({ reason: { code: 'TIMED_OUT', message: expect.stringContaining('20000 ms') } })
  },
)

test('is that of a run for who repeats a call, too', async () => {
  const { client } = await start()
  expect(await client.call.again('x', { timeoutMs: 7_000 })).toBe(7)
})

test('of an upload moves on with each item (ST-7)', async () => {
  const { client, clock, next } = await start()
  async function* numbers() {
    yield* [1, 2]
  }
  const call = settled(client.call.sum(numbers()), 'the upload')
  for (let n = 0; n < 2; n++) {
    await eventually(() => next.length === 1, 'an item is read')
    await clock.advance(20_000)
    next.pop()!()
  }
  expect(await call).toEqual({ status: 'fulfilled', value: [30, 10, 30, 10] })
})

test('of an upload whose call has a limit is that of the whole', async () => {
  const { client, clock, next } = await start()
  const call = settled(client.call.sum([1, 2], { timeoutMs: 25_000 }), 'the upload')
  for (let n = 0; n < 2; n++) {
    await eventually(() => next.length === 1, 'an item is read')
    await clock.advance(10_000)
    next.pop()!()
  }
  expect(await call).toEqual({ status: 'fulfilled', value: [25, 15, 15, 5] })
})

test('is what handlers of events have too, in rooms, and of a caller', async () => {
  const { server, client, noted } = await start()
  expect(await client.emitWithAck.ask('x', { timeoutMs: 5_000 })).toBe(5)
  expect(await client.emitWithAck.ask('x')).toBe(30)
  expect(await client.join.hall().emitWithAck.vote('x', { timeoutMs: 5_000 })).toBe(5)
  client.emit.note('x')
  await eventually(() => noted.length === 1, 'it is noted')
  expect(noted).toEqual([30])
  expect(await server.caller({ identity: null }).emitWithAck.ask('x', { timeoutMs: 4_000 })).toBe(4)
})
