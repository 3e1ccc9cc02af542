// How long an upload may take: the limits of both sides count from what was read last (ST-7).

import { createClient } from '@typewire/client'
import { defineContract, type Named, procedure, upload } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { rawServer } from '../client/clients.ts'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { clientOf, stage } from './stage.ts'

failOnUnhandledRejections()

const transports = ['websocket', 'http-stream', 'http-poll'] as const

const procedures = { sum: procedure({ input: upload(z.number()), output: z.number() }) }
const contract = defineContract({ procedures, namespaces: { lab: defineContract({ procedures }) } })
interface Sums extends Named<typeof contract> {}

async function* numbers(count: number) {
  for (let n = 1; n <= count; n++) yield n
}

/** A handler that reads an item each time that it is let, and the next ones in one go. */
function reader() {
  const state = { count: 0, next: () => {} }
  const sum = async ({ input }: { readonly input: AsyncIterable<number> }) => {
    for await (const _ of input) {
      state.count++
      await new Promise<void>((resolve) => (state.next = resolve))
    }
    return state.count
  }
  return { state, sum }
}

describe.each(transports)('over %s, an upload', (transport) => {
  test.each([
    ['the client’s limit', 1_000, 1_008],
    ['as long as a server may take', undefined, 35_008],
  ])(
    'without a server ends after %s, as other calls do, at the root and in a namespace (ST-7)',
    async (_, timeoutMs, ms) => {
      const clock = createFakeClock()
      const client = createClient<Sums>({
        url: 'http://127.0.0.1:9',
        clock,
        timeoutMs,
        transports: [transport],
        onError: () => {},
      })
      onTestFinished(() => client.close())
      const calls = [client.call.sum(numbers(1)), client.call.sum([1]), client.ns.lab.call.sum(numbers(1))]
      const all = Promise.all(calls.map((call) => settled(call, 'the call')))
      await quiet()
      await clock.advance(ms)
      for (const call of await all) expect(call).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent' } })
    },
  )

  test('goes on for as long as it is read, however much was allowed at once (ST-7)', async () => {
    const { state, sum } = reader()
    const { url, clock } = await stage({ procedures: { sum } })
    const { client } = clientOf(url, { transports: [transport], clock, timeoutMs: 5_000, ping: false } as object)
    const answer = settled(client.call.sum(numbers(40)), 'the upload')
    for (let n = 1; n <= 40; n++) {
      await eventually(() => state.count === n, `item ${n} is read`)
      await quiet()
      await clock.advance(4_800)
      state.next()
    }
    expect(await answer).toEqual({ status: 'fulfilled', value: 40 })
  })

  test('ends where the client hears nothing for longer than its limit and a second (ST-7)', async () => {
    const { state, sum } = reader()
    const { url, clock: serverClock } = await stage({ procedures: { sum } })
    const { client, clock } = clientOf(url, { transports: [transport], timeoutMs: 5_000 })
    const answer = settled(client.call.sum(numbers(40)), 'the upload')
    await eventually(() => state.count === 1, 'an item is read')
    await quiet()
    await clock.advance(3_000)
    await serverClock.advance(3_000)
    state.next()
    await eventually(() => state.count === 2, 'the next one is read')
    await quiet()
    await clock.advance(5_990)
    await quiet()
    expect(await client.call.echo('it waits on')).toBe('it waits on')
    await clock.advance(20)
    expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
  })
})

test('a call’s own limit is for the whole of an upload (ST-7)', async () => {
  const { state, sum } = reader()
  const { url, clock } = await stage({ procedures: { sum } })
  const { client } = clientOf(url, { clock, timeoutMs: 5_000 })
  const answer = settled(client.call.sum(numbers(40), { timeoutMs: 9_000 }), 'the upload')
  for (let n = 1; n <= 3; n++) {
    await eventually(() => state.count === n, `item ${n} is read`)
    await clock.advance(3_008)
    state.next()
  }
  expect(await answer).toMatchObject({ reason: { code: 'TIMED_OUT' } })
})

test('ST-7: a client does not say its default for an upload: the server’s limit would count from its beginning', async () => {
  const server = await rawServer()
  const client = server.client({ timeoutMs: 10_000 })
  void settled((client as unknown as { call: { sum(items: unknown): Promise<number> } }).call.sum(numbers(1)), 'it')
  const peer = await server.welcome()
  expect(await peer.read()).toEqual([frames.call.kind, 1, 'sum', { upload: true }])
})
