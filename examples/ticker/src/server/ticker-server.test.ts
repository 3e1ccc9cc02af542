import { createClient } from '@typewire/client'
import { createFakeClock } from '@typewire/testkit'
import { expect, onTestFinished, test } from 'vitest'
import type { Figures, Price, Ticker } from '../contract.ts'
import { createTickerServer } from './ticker-server.ts'

async function open() {
  const clock = createFakeClock()
  const { listening, market, stop } = createTickerServer({ seed: 1, clock, startedAtMs: 0 })
  onTestFinished(() => listening.close({ drainMs: 0 }))
  onTestFinished(stop)
  const { port } = await listening.listen(0, { host: '127.0.0.1' })
  const client = createClient<Ticker>({ url: `http://127.0.0.1:${port}` })
  onTestFinished(() => client.close())
  return { clock, market, client, stop }
}

test('who joins hears each price that is made, behind what they are told there is', async () => {
  const { clock, client } = await open()
  const room = client.join.market()
  const prices: Price[] = []
  room.on.price((price) => void prices.push(price))
  await room.ready
  const { listings } = await client.call.market()
  const last = new Map(listings.map(({ symbol, price, at }) => [symbol, { symbol, price, at }]))
  for (let made = 50; made <= 500; made += 50) {
    await clock.advance(50)
    await expect.poll(() => prices.length, { interval: 1 }).toBe(made) // and acknowledges it: nobody lags behind
  }
  const after = await client.call.market()
  for (const price of prices) last.set(price.symbol, price)
  expect(after.listings.map(({ symbol, price, at }) => ({ symbol, price, at }))).toEqual([...last.values()])
})

test('clients are told the figures twice a second', async () => {
  const { clock, client } = await open()
  const figures: Figures[] = []
  client.on.figures((now) => void figures.push(now))
  await client.connect()
  await clock.advance(500)
  await client.call.setRate({ rate: 200 })
  await clock.advance(500)
  await client.call.market()
  expect(figures).toEqual([
    // Without the tick of the same moment, which comes behind.
    { at: 500, rate: 1_000, made: 490, conflated: 0 },
    { at: 1_000, rate: 200, made: 598, conflated: 0 },
  ])
})

test('the rate has bounds', async () => {
  const { client, market } = await open()
  for (const rate of [99, 4_001, 100.5]) {
    expect(await client.try.setRate({ rate })).toMatchObject({ ok: false, error: { code: 'INVALID_INPUT' } })
  }
  for (const rate of [100, 4_000]) {
    await client.call.setRate({ rate })
    expect(market.rate).toBe(rate)
  }
})

test('nothing goes on when it was stopped', async () => {
  const { clock, stop } = await open()
  await clock.advance(1_000)
  stop()
  expect(clock.pending).toBe(0)
})
