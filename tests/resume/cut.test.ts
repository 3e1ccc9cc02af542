import { createClient, type TransportName } from '@typewire/client'
import { defineContract, event, procedure, room } from '@typewire/core'
import { createServer } from '@typewire/server'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openTcpLink } from '../../packages/testkit/src/tcp-link.ts'

const contract = defineContract({
  procedures: { add: procedure({ input: z.number(), output: z.number() }) },
  events: { toServer: { up: event(z.number()) }, toClient: { down: event(z.number()) } },
  rooms: { r: room({ events: { toClient: { tick: event(z.number()) } } }) },
})

const all: { transports: TransportName[] | undefined }[] = [
  { transports: ['websocket'] },
  { transports: ['http-stream'] },
  { transports: ['http-poll'] },
  { transports: undefined },
]
test.each(all)('a session is resumed through cuts over $transports', { timeout: 60_000 }, async ({ transports }) => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  let state = seed
  const random = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32
  const ran: number[] = []
  const up: number[] = []
  const server = createServer(contract, { onError: (e) => console.log(e) })
  const ready = server.implement({
    procedures: { add: ({ input }) => (ran.push(input), input + 1) },
    events: { up: ({ payload }) => void up.push(payload) },
    rooms: { r: { authorize: () => true } },
  })
  const { port } = await ready.listen(0, { host: '127.0.0.1' })
  await using link = await openTcpLink(port)
  const client = createClient<typeof contract>({
    url: `http://127.0.0.1:${link.port}`,
    transports,
    reconnect: { minDelayMs: 1, maxDelayMs: 5, upgradeDelayMs: 50 },
  })
  const down: number[] = []
  const ticks: number[] = []
  client.on.down((n) => void down.push(n))
  const handle = client.join.r()
  handle.on.tick((n) => void ticks.push(n))
  await handle.ready
  const results: Promise<number>[] = []
  let n = 0
  const recovered: (boolean | undefined)[] = []
  client.status.subscribe(() => {
    const s = client.status.current
    if (s.state === 'open') recovered.push(s.recovered)
  })
  for (let i = 0; i < 1500; i++) {
    for (let k = 0; k < 5; k++) {
      n++
      results.push(client.call.add(n))
      client.emit.up(n)
      server.emit.down(n)
      server.rooms.r().emit.tick(n)
    }
    if (random() < 0.2) link.cut()
    await new Promise((resolve) => setImmediate(resolve))
    if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, 3))
  }
  const sequence = Array.from({ length: n }, (_, i) => i + 1)
  expect(await Promise.all(results), `seed ${seed}`).toEqual(sequence.map((i) => i + 1))
  await client.emitWithAck.up(0)
  await expect.poll(() => ticks.length).toBe(n)
  expect(ran).toEqual(sequence)
  expect(up).toEqual([...sequence, 0])
  expect(down).toEqual(sequence)
  expect(ticks).toEqual(sequence)
  console.log(
    'links',
    link.count(),
    'recovered',
    recovered.length,
    recovered.every((r) => r === true),
    'sessions',
    [...server.sessions].length,
    'seed',
    seed,
  )
  await client.close()
  await ready.close()
})
