// Rounds of transports whose ways are blocked in part: by what holds answers back, and by what never answers.

import { TypewireError } from '@typewire/core'
import { type MemoryLink } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { createPair, createTestServer, type Pair, settle } from './peers.ts'

type Server = Pair['server']

/** Decides for each new link by its transport, until it is changed. `refuse`: no connection. `hang`: no answer. */
type Ways = Record<string, 'refuse' | 'hang' | 'hold answers' | ((link: MemoryLink) => void) | Server>

function block({ network, server }: Pair, ways: Ways): void {
  network.onDial = (link) => {
    if (ways[link.name] === 'hang') link.hold()
    if (ways[link.name] === 'hold answers') link.holdBatches('down')
  }
  Object.assign(network.options, {
    accept: (link: MemoryLink, open: never) => {
      const way = ways[link.name]
      if (way !== 'refuse') (typeof way === 'object' ? way : server).accept(link, open)
    },
  })
}

const transports = ['websocket', 'http-stream', 'http-poll'] as const
const last = ({ client }: Pair) => client.statuses.at(-1)
const names = ({ network }: Pair) => network.links.map(({ name }) => name)

async function startOpen(): Promise<Pair> {
  const pair = createPair({}, { transports })
  pair.client.up(1)
  await settle()
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'websocket' })
  return pair
}

test('a stream whose welcome is held back gives the session up to polls, soon (RS-4)', async () => {
  const pair = await startOpen()
  const { client, server, network, pass } = pair
  block(pair, { websocket: 'refuse', 'http-stream': 'hold answers' })
  network.last.cut()
  await pass(2_300)
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-poll', recovered: true })
  const stream = network.links.find(({ name }) => name === 'http-stream')!
  expect(stream.sent.down.join(), 'the server had taken it').toContain('"received":1')
  stream.flow() // a proxy passes on all that it has when the server ends the answer
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
  expect(client.recovered()).toEqual([undefined, true])
  expect(last(pair)).toMatchObject({ transport: 'http-poll' })
})

test('a welcome that is on its way when another hello is stale is waited for', async () => {
  const pair = await startOpen()
  const { client, server, network, pass } = pair
  block(pair, { websocket: 'refuse', 'http-stream': 'hold answers' })
  network.last.cut()
  await pass(1_500) // the poll was answered: it is stale
  network.links.forEach((link) => link.flow())
  client.up(2)
  await settle()
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-stream', recovered: true })
  expect(server.ran).toEqual([1, 2])
})

test('each of two transports whose welcomes are held back is given up for the next (RS-4)', async () => {
  const pair = await startOpen()
  const { server, client, network, pass } = pair
  block(pair, { websocket: 'hold answers', 'http-stream': 'hold answers' })
  network.last.cut()
  await pass(4_300)
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-poll', recovered: true })
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
})

test('an upgrade to a stream that is held back comes back to polls soon, and is not tried again (HT-7)', async () => {
  const pair = createPair({}, { transports, reconnect: { upgradeDelayMs: 10_000 } })
  const { client, server, network, pass } = pair
  block(pair, { websocket: 'refuse', 'http-stream': 'refuse' })
  client.up(1)
  await settle()
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-poll' })
  block(pair, { websocket: 'refuse', 'http-stream': 'hold answers' })
  await pass(7_500) // the upgrade
  expect(last(pair)).toMatchObject({ state: 'connecting' })
  await pass(1_300)
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-poll', recovered: true })
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
  const dialled = network.links.length
  await pass(300_000)
  expect(names(pair).slice(dialled), 'only WebSocket is tried').toEqual(
    Array.from({ length: network.links.length - dialled }, () => 'websocket'),
  )
  expect(network.links.length).toBeGreaterThan(dialled)
  await pass(630_000) // what is remembered of the stream is forgotten after ten minutes
  expect(names(pair).slice(dialled)).toContain('http-stream')
})

test('a poll that is lost while WebSocket is tried beside it comes back without waiting for it', async () => {
  const pair = createPair({}, { transports: ['websocket', 'http-poll'], reconnect: { upgradeDelayMs: 10_000 } })
  const { client, server, network, pass } = pair
  block(pair, { websocket: 'refuse' })
  client.up(1)
  await settle()
  block(pair, { websocket: 'hang' })
  const poll = network.last
  await pass(7_500)
  expect(network.last.name).toBe('websocket')
  poll.cut()
  await pass(1_200)
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-poll', recovered: true })
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
})

test('upgrades that do not last are tried later and later (HT-7)', async () => {
  const pair = createPair({}, { transports: ['websocket', 'http-poll'], reconnect: { upgradeDelayMs: 10_000 } })
  const { client, network, clock, pass } = pair
  block(pair, { websocket: 'refuse' })
  client.up(1)
  await settle()
  const waits: number[] = []
  for (let upgrade = 0; upgrade < 4; upgrade++) {
    block(pair, {})
    const since = clock.now()
    while (network.last.name !== 'websocket') await pass(500)
    waits.push(clock.now() - since)
    await pass(500)
    expect(last(pair)).toMatchObject({ transport: 'websocket' })
    block(pair, { websocket: 'refuse' })
    network.last.cut()
    await pass(100)
    await pass(100)
    expect(last(pair)).toMatchObject({ transport: 'http-poll' })
  }
  expect(waits.map((ms) => Math.round(ms / 7_500))).toEqual([1, 2, 4, 8])
})

test('gone is believed soon although another transport hangs (RS-3)', async () => {
  const pair = await startOpen()
  const { client, server, network, clock, pass } = pair
  block(pair, { websocket: 'hang' })
  const restarted = createTestServer({ clock })
  block(pair, { websocket: 'hang', 'http-stream': restarted, 'http-poll': restarted })
  network.last.cut()
  client.up(2)
  server.session().end('the test ended it')
  await pass(1_500)
  expect(last(pair), 'a head start for the other').toMatchObject({ state: 'connecting' })
  await pass(1_000)
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-stream', recovered: false })
  expect(restarted.ran).toEqual([2])
  expect(names(pair)).toEqual(['websocket', 'websocket', 'http-stream'])
  expect(restarted.session().id).toBe(client.sessionId())
})

test('gone is not believed while the node that has the session takes its time (RS-3)', async () => {
  const pair = await startOpen()
  const { client, server, network, clock, pass } = pair
  const stranger = createTestServer({ clock })
  block(pair, { websocket: 'hold answers', 'http-stream': stranger })
  network.last.cut()
  await pass(1_500) // the stream was answered gone
  network.links.forEach((link) => link.flow())
  client.up(2)
  await settle()
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'websocket', recovered: true })
  expect(server.ran).toEqual([1, 2])
  expect(stranger.node.sessions.size).toBe(0)
})

test('gone is believed at once when the others have ended (RS-3)', async () => {
  const pair = await startOpen()
  const { network, server, clock, pass } = pair
  const restarted = createTestServer({ clock })
  block(pair, { websocket: 'hang', 'http-stream': restarted })
  network.last.cut()
  server.session().end('the test ended it')
  await pass(1_300)
  expect(last(pair)).toMatchObject({ state: 'connecting' })
  network.links
    .filter(({ name }) => name === 'websocket')
    .at(-1)!
    .cut()
  await settle()
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-stream', recovered: false })
})

/** The server has let go of the poll for a WebSocket whose welcome is held back. */
async function startAwaitingUpgrade(): Promise<Pair> {
  const pair = createPair({}, { transports, reconnect: { upgradeDelayMs: 10_000 } })
  block(pair, { websocket: 'refuse', 'http-stream': 'refuse' })
  pair.client.up(1)
  await settle()
  block(pair, { websocket: 'hold answers' })
  await pair.pass(7_500)
  expect(last(pair)).toMatchObject({ state: 'connecting' })
  return pair
}

test('a client that is closed while an upgrade is awaited leaves nothing open', async () => {
  const { client, network, pass } = await startAwaitingUpgrade()
  const closed = client.connection.close()
  await pass(2_100) // a close that is not answered
  await closed
  expect(network.links.filter((link) => link.isOpen('client'))).toEqual([])
})

test('a client that is closed waits also for the connections that it has given up before', async () => {
  const pair = await startOpen()
  block(pair, { websocket: 'hold answers' })
  pair.network.last.cut()
  await pair.pass(1_500)
  pair.network.links.find(({ name }, at) => at > 0 && name === 'websocket')!.hold() // its close is not answered
  await pair.pass(800)
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'http-stream' })
  let isClosed = false
  void pair.client.connection.close().then(() => (isClosed = true))
  await settle()
  const open = () => pair.network.links.filter((link) => link.isOpen('client')).map(({ name }) => name)
  expect([isClosed, open().length > 0]).toEqual([false, true])
  await pair.pass(2_100)
  expect([isClosed, open()]).toEqual([true, []])
})

test('a page that is put aside while an upgrade is awaited comes back later', async () => {
  const pair = await startAwaitingUpgrade()
  block(pair, {})
  pair.client.connection.suspend()
  expect(last(pair)).toMatchObject({ state: 'waiting' })
  await pair.pass(100)
  expect(last(pair)).toMatchObject({ state: 'open', recovered: true })
})

test('no other transport begins while the application looks for credentials', async () => {
  let give = () => {}
  const auth = () => new Promise<undefined>((resolve) => (give = () => resolve(undefined)))
  const pair = createPair({}, { transports, auth })
  pair.client.up(1)
  await pair.pass(3_000)
  give()
  await settle()
  expect(names(pair)).toEqual(['websocket'])
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'websocket' })
})

test('a login that takes its time is waited for, and asked for once, whatever the page does meanwhile', async () => {
  const gives: (() => void)[] = []
  const auth = () => new Promise<undefined>((resolve) => gives.push(() => resolve(undefined)))
  const pair = createPair({}, { transports, auth })
  pair.client.up(1)
  await pair.pass(11_000)
  expect(last(pair)).toMatchObject({ state: 'connecting', attempt: 1 })
  pair.client.connection.suspend()
  pair.client.connection.probe()
  await pair.pass(11_000)
  expect(gives).toHaveLength(1)
  gives[0]!()
  await settle()
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'websocket' })
  pair.network.last.cut()
  await pair.pass(100)
  expect(gives).toHaveLength(2)
})

test('the time limit of an attempt begins when there are credentials', async () => {
  let give = () => {}
  const auth = () => new Promise<undefined>((resolve) => (give = () => resolve(undefined)))
  const reconnect = { minDelayMs: 60_000, maxDelayMs: 60_000 }
  const pair = createPair({}, { transports: ['websocket'], auth, reconnect })
  block(pair, { websocket: 'hang' })
  pair.client.up(1)
  await pair.pass(60_000)
  give()
  await settle()
  await pair.pass(9_900)
  expect(last(pair)).toMatchObject({ state: 'connecting' })
  await pair.pass(200)
  expect(last(pair)).toMatchObject({ state: 'waiting', reason: expect.stringContaining('10000 ms') as string })
})

/** WebSocket is judged when `judge` is called, and the stream after it is refused: the ticket was used up. */
function startWithOneTicket() {
  let judge = () => {}
  const slow = () => new Promise<{ identity: string }>((resolve) => (judge = () => resolve({ identity: 'ada' })))
  const pair = createPair({ authenticate: slow }, { transports: ['websocket', 'http-stream'] })
  const used = createTestServer({
    clock: pair.clock,
    authenticate: () => Promise.reject(new TypewireError('UNAUTHORIZED', 'used up')),
  })
  block(pair, { 'http-stream': used })
  pair.client.up(1)
  return { pair, judge: () => judge() }
}

test('a refusal is not believed while another transport may be welcomed (HS-5)', async () => {
  const { pair, judge } = startWithOneTicket()
  await pair.pass(1_500)
  expect(names(pair)).toEqual(['websocket', 'http-stream'])
  expect(last(pair)).toMatchObject({ state: 'connecting' })
  judge()
  await settle()
  expect(last(pair)).toMatchObject({ state: 'open', transport: 'websocket' })
  expect(pair.server.ran).toEqual([1])
})

test.each<[string, (pair: Pair) => Promise<void>]>([
  ['a second later, where the others hang', (pair) => pair.pass(1_000)],
  ['when the others have ended', async ({ network }) => (network.links[0]!.cut(), settle())],
])('a refusal is believed %s', async (_, wait) => {
  const { pair } = startWithOneTicket()
  await pair.pass(1_200)
  expect(last(pair)).toMatchObject({ state: 'connecting' })
  await wait(pair)
  expect(last(pair)).toMatchObject({ state: 'closed', error: { code: 'UNAUTHORIZED' } })
})

test('credentials that fail are told once for all transports', async () => {
  const error = new Error('no session')
  const pair = createPair({}, { transports, auth: () => Promise.reject(error), reconnect: { minDelayMs: 1_000 } })
  pair.client.up(1)
  await settle()
  expect(pair.client.errors).toEqual([error])
  expect(last(pair)).toMatchObject({ state: 'waiting' })
  expect(names(pair)).toEqual([])
})
