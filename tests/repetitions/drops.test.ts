// A drop between each pair of frames of a call, over every transport, and then a server that knows nothing of the session:
// another node of it, or one that was started anew.

import type { TransportName } from '@typewire/client'
import { createMemoryBroker } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import { eventually, settled } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { startClient, startNode, type StoreClient, within } from './stage.ts'
import { openSwitchboard } from './switchboard.ts'

failOnUnhandledRejections()

/** `another node`: of the same server, and the one before goes on. `a restart`: that one has gone, with all that it kept. */
type After = 'another node' | 'a restart'

async function setUp(transport: TransportName, after: After) {
  const broker = createMemoryBroker()
  const before = await startNode({ broker, isHeld: true, windowMs: 60_000 })
  const board = await openSwitchboard(before.port)
  const client = startClient({ url: board.url, transports: [transport] })
  await client.connect()
  const change = async () => {
    board.cut()
    if (after === 'a restart') {
      await within(before.clock, before.listening.close({ drainMs: 0 }))
    }
    const next = await startNode(after === 'a restart' ? {} : { broker })
    board.lead(next.port)
    return next
  }
  return { before, board, client, change }
}

/** Less than any call waits for its answer, and more than a poll is asked again before its link is taken for lost. */
const mostMs = 20_000

/** Lets the client find out that its link is lost, and come back to another session. `onAway`: what is done in between. */
async function back(client: StoreClient, onAway = () => {}): Promise<void> {
  const off = client.status.subscribe(() => {
    if (client.status.current.state !== 'waiting') return
    off()
    onAway()
  })
  const isBack = () => client.status.current.state === 'open' && client.status.current.recovered === false
  for (let passedMs = 0; !isBack() && passedMs < mostMs; passedMs++) await client.clock.advance(1)
  await eventually(isBack, 'the client is back, in another session')
}

const transports: readonly TransportName[] = ['websocket', 'http-stream', 'http-poll']
const afters: readonly After[] = ['another node', 'a restart']
const cases = transports.flatMap((transport) => afters.map((after) => [transport, after] as const))

describe.each(cases)('CA-6, CA-10: %s, then %s: a call whose link is lost', (transport, after) => {
  test('before it is written runs once, idempotent or not', async () => {
    const { before, client, change } = await setUp(transport, after)
    const next = await change()
    const calls: Promise<string>[] = []
    await back(client, () => calls.push(client.call.put('a'), client.call.add('b')))
    expect(await Promise.all(calls)).toEqual(['put a: 1', 'add b: 1'])
    expect([before.runs, next.runs]).toEqual([[], ['put a', 'add b']])
  })

  test('before it comes to the server runs once, or not at all, and then nobody knows', async () => {
    const { before, board, client, change } = await setUp(transport, after)
    board.hold('up')
    const calls = [settled(client.call.put('a'), 'put'), settled(client.call.add('b'), 'add')]
    await eventually(() => board.held() > 0, 'the calls are on their way')
    const next = await change()
    await back(client)
    expect(await Promise.all(calls)).toMatchObject([
      { value: 'put a: 1' },
      { reason: { code: 'SESSION_LOST', outcome: 'unknown' } },
    ])
    expect([before.runs, next.runs]).toEqual([[], ['put a']])
  })

  test('while it runs, runs again if it may, and rejects if it may not', async () => {
    const { before, client, change } = await setUp(transport, after)
    const calls = [settled(client.call.put('a'), 'put'), settled(client.call.add('b'), 'add')]
    await before.begun(1)
    const next = await change()
    await back(client)
    expect(await Promise.all(calls)).toMatchObject([
      { value: 'put a: 1' },
      { reason: { code: 'SESSION_LOST', outcome: 'unknown' } },
    ])
    expect([before.runs, next.runs]).toEqual([['put a', 'add b'], ['put a']])
  })

  test.each(['', 'admin/'])(
    'while its result is on the way, is answered from it where it was kept, and rejects if it may not run: %sput',
    async (path) => {
      const { before, board, client, change } = await setUp(transport, after)
      const { call } = path ? client.ns.admin : client
      const calls = [settled(call.put('a'), 'put'), settled(call.add('b'), 'add')]
      await before.begun(1)
      board.hold('down')
      for (const { end } of before.running) end('the first result')
      await eventually(() => board.held() > 0, 'the results are on their way')
      const next = await change()
      await back(client)
      expect(await Promise.all(calls)).toMatchObject([
        { value: after === 'a restart' ? `${path}put a: 1` : 'the first result' },
        { reason: { code: 'SESSION_LOST', outcome: 'unknown' } },
      ])
      expect(next.runs).toEqual(after === 'a restart' ? [`${path}put a`] : [])
    },
  )
})
