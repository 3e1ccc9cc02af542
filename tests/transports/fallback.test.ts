import { describe, expect, onTestFinished, test } from 'vitest'
import { openDifficultProxy, type UpgradeMood } from '../../packages/testkit/src/proxies-difficult.ts'
import { hasProxy, proxyKinds } from '../../packages/testkit/src/proxies.ts'
import {
  eventually,
  openSession,
  sequence,
  setUp,
  type Stage,
} from '../../packages/testkit/src/suites/transport-stage.ts'
import { turn } from '../../packages/testkit/src/turn.ts'
import { ofItself, openFront, openReverseProxy } from './setups.ts'

const transportOf = ({ client }: Stage) =>
  client.status.current.state === 'open' ? client.status.current.transport : undefined

async function behindDifficultProxy(mood: Parameters<typeof openDifficultProxy>[1], upgradeDelayMs?: number) {
  const front = await openFront((port) => openDifficultProxy(port, mood))
  onTestFinished(() => front[Symbol.asyncDispose]())
  return { proxy: front.proxy, stage: await setUp(ofItself(() => front, upgradeDelayMs)) }
}

/** Sends both ways for as long as `isGoing`, and asserts that all of it arrives once, in order. */
async function assertNothingLost(stage: Stage, isGoing: () => boolean): Promise<void> {
  const answers: Promise<string>[] = []
  const upBefore = stage.up.length
  const downBefore = stage.down.length
  let n = 0
  do {
    stage.client.emit.up(n)
    stage.server.emit.down(n)
    if (n % 20 === 0) answers.push(stage.client.call.echo(String(n)))
    if (n % 200 === 0) await Promise.all(answers) // faster than the server handles them is another test
    n++
    await turn()
  } while (isGoing())
  await Promise.all(answers)
  await eventually(() => [stage.up.length - upBefore, stage.down.length - downBefore]).toEqual([n, n])
  expect(stage.up.slice(upBefore)).toEqual(sequence(n))
  expect(stage.down.slice(downBefore)).toEqual(sequence(n))
}

describe.each<UpgradeMood>([403, 502, 'close', 'hang'])('a proxy that answers upgrades with %s', (upgrades) => {
  test('the client comes by HTTP by itself, and what it sent before arrives once', async () => {
    const { proxy, stage } = await behindDifficultProxy({ upgrades })
    stage.client.emit.up(-1)
    expect(await stage.client.call.echo('first')).toBe('first')
    expect(transportOf(stage)).toBe('http-stream')
    expect([stage.up, stage.echoed]).toEqual([[-1], ['first']])
    // While it tries WebSocket again and again beside it.
    const wanted = upgrades === 'hang' ? 2 : 4
    await assertNothingLost(stage, () => proxy.seen.filter((path) => path === 'upgrade').length < wanted)
    await stage.end()
  })

  test('a WebSocket that is let through again takes over, and nothing is lost', async () => {
    const { proxy, stage } = await behindDifficultProxy({ upgrades })
    const session = await openSession(stage)
    expect(transportOf(stage)).toBe('http-stream')
    proxy.upgrades = 'pass'
    await assertNothingLost(stage, () => transportOf(stage) !== 'websocket')
    expect(transportOf(stage)).toBe('websocket')
    expect(stage.client.status.current).toMatchObject({ sessionId: session.id, recovered: true })
    await stage.end()
  })

  test('a WebSocket that worked and does not any more: the session goes on by HTTP', async () => {
    const { proxy, stage } = await behindDifficultProxy({})
    const session = await openSession(stage)
    expect(transportOf(stage)).toBe('websocket')
    proxy.upgrades = upgrades
    proxy.cutWebSockets()
    await assertNothingLost(stage, () => transportOf(stage) !== 'http-stream')
    expect(transportOf(stage)).toBe('http-stream')
    expect(stage.client.status.current).toMatchObject({ sessionId: session.id, recovered: true })
    await stage.end()
  })
})

describe('a proxy that holds responses back', () => {
  test('the client goes to long-poll by itself, at connect', async () => {
    const { stage } = await behindDifficultProxy({ upgrades: 403, isBuffering: true })
    expect(await stage.client.call.echo('first')).toBe('first')
    expect(transportOf(stage)).toBe('http-poll')
    expect(stage.echoed).toEqual(['first'])
    await stage.end({ mayLeaveSessions: true })
  })

  test('the client goes to long-poll by itself, later', async () => {
    const { proxy, stage } = await behindDifficultProxy({ upgrades: 403 })
    const session = await openSession(stage)
    expect(transportOf(stage)).toBe('http-stream')
    proxy.isBuffering = true
    await assertNothingLost(stage, () => transportOf(stage) !== 'http-poll')
    expect(stage.client.status.current).toMatchObject({ sessionId: session.id, recovered: true })
    await stage.end()
  })

  test('the client comes back by long-poll soon where WebSocket is refused as well, with its session (RS-4)', async () => {
    const { proxy, stage } = await behindDifficultProxy({}, 60_000)
    const session = await openSession(stage)
    expect(transportOf(stage)).toBe('websocket')
    proxy.upgrades = 403
    proxy.isBuffering = true
    const cutAtMs = performance.now()
    proxy.cutWebSockets()
    await assertNothingLost(stage, () => transportOf(stage) !== 'http-poll')
    expect(performance.now() - cutAtMs).toBeLessThan(4_000)
    expect(stage.client.status.current).toMatchObject({ sessionId: session.id, recovered: true })
    expect(stage.statuses.filter(({ state }) => state === 'open')).toHaveLength(2)
    await stage.end()
  })

  test('an upgrade to a stream that is held back comes back to long-poll, and is not tried again (HT-7)', async () => {
    const { proxy, stage } = await behindDifficultProxy({ upgrades: 403, isBuffering: true })
    const session = await openSession(stage)
    await assertNothingLost(stage, () => proxy.seen.filter((path) => path === 'upgrade').length < 6)
    expect(proxy.seen.filter((path) => path.endsWith('/stream'))).toHaveLength(1)
    expect(stage.client.status.current).toMatchObject({ state: 'open', transport: 'http-poll', sessionId: session.id })
    await stage.end({ mayLeaveSessions: true })
  })

  const kind = proxyKinds.bufferingNginx
  test.skipIf(!hasProxy(kind))('through nginx, which passes on what fills a buffer', async () => {
    const nginx = await openReverseProxy(kind)
    onTestFinished(() => nginx[Symbol.asyncDispose]())
    const stage = await setUp(ofItself(() => nginx, 60_000))
    expect(await stage.client.call.echo('first')).toBe('first')
    expect(transportOf(stage)).toBe('http-poll')
    let n = 0
    await assertNothingLost(stage, () => ++n < 2_000)
    await stage.end({ mayLeaveSessions: true })
  })
})
