import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { UpgradeMood } from '../../packages/testkit/src/proxies-difficult.ts'
import { canSkip } from './browser.ts'
import type { PageServer } from './plain/page-server.ts'
import {
  assertNothingLost,
  eventually,
  sendBothWays,
  sessionOf,
  statusOf,
  transportOf,
  usePlainStage,
} from './plain/plain-stage.ts'

/** From the navigation to the page until its client is open. */
const limitMs = 2_000
const maxTries = 3

describe.skipIf(canSkip)('networks, in Chromium', { timeout: 90_000 }, () => {
  const stage = usePlainStage()

  /** Opens the page, which must be connected in time. The machine may be slow once; it is not each time. */
  async function openInTime(server: PageServer, by: string): Promise<Page> {
    const tries: string[] = []
    while (tries.length < maxTries) {
      const page = await stage.open(server, { upgradeDelayMs: 400 })
      await eventually(() => transportOf(page)).toBeDefined()
      const { atMs, transport } = await page.evaluate(() => window.plain.firstOpen()!)
      if (atMs <= limitMs && transport === by) return page
      tries.push(`by ${transport} after ${atMs} ms`)
      await page.close()
    }
    throw new Error(`It connected ${tries.join(', ')}.`)
  }

  test.for<{ what: string; upgrades: UpgradeMood; isBuffering?: boolean; by: string }>([
    { what: 'refuses upgrades', upgrades: 403, by: 'http-stream' },
    { what: 'never answers upgrades', upgrades: 'hang', by: 'http-stream' },
    { what: 'closes right after an upgrade', upgrades: 'close', by: 'http-stream' },
    { what: 'refuses upgrades and holds responses back', upgrades: 403, isBuffering: true, by: 'http-poll' },
  ])(
    'a proxy that $what: at once by $by, and by WebSocket when it may',
    async ({ by, upgrades, isBuffering = false }) => {
      const server = await stage.start()
      const { proxy } = server
      proxy.upgrades = upgrades
      proxy.isBuffering = isBuffering
      const page = await openInTime(server, by)
      const session = await sessionOf(page)

      // Both sides talk all the while, also when it tries WebSocket in vain.
      server.startBurst()
      await page.evaluate(() => window.plain.startBurst())
      const triesBefore = upgradesSeen(server)
      await eventually(() => upgradesSeen(server)).toBeGreaterThan(triesBefore)
      const upBefore = server.up.length
      await eventually(() => server.up.length).toBeGreaterThan(upBefore + 100)
      expect(await page.evaluate(() => window.plain.client.call.echo('Hello'))).toBe('Hello')
      await eventually(() => transportOf(page)).toBe(by)

      proxy.upgrades = 'pass'
      proxy.isBuffering = false
      proxy.cutWebSockets() // those that hang
      await eventually(() => transportOf(page)).toBe('websocket')
      expect(await statusOf(page)).toMatchObject({ sessionId: session, recovered: true })
      const upAfter = server.up.length
      await eventually(() => server.up.length).toBeGreaterThan(upAfter + 100)
      await assertNothingLost(page, server)
    },
  )

  test.for(['websocket', 'http-stream'])('a page that is offline for a while, by %s', async (by) => {
    const server = await stage.start()
    if (by !== 'websocket') server.proxy.upgrades = 403
    // It would not be back by itself for minutes.
    const page = await stage.open(server, { minDelayMs: 600_000, maxDelayMs: 600_000, upgradeDelayMs: 600_000 })
    await eventually(() => transportOf(page)).toBe(by)
    const session = await sessionOf(page)
    await sendBothWays(page, server, 10)

    // Chromium's emulation holds back what an open WebSocket carries; where there is no network it ends.
    server.link.refuse()
    server.link.cut()
    await page.context().setOffline(true)
    await eventually(async () => (await statusOf(page)).state).toBe('waiting')
    await sendBothWays(page, server, 10)
    server.link.accept()
    expect(await page.evaluate(() => navigator.onLine)).toBe(false)
    expect(await statusOf(page)).toMatchObject({ state: 'waiting' })

    await page.context().setOffline(false)
    await eventually(() => statusOf(page)).toMatchObject({ state: 'open', recovered: true })
    expect(await sessionOf(page)).toBe(session)
    await sendBothWays(page, server, 10)
    await assertNothingLost(page, server)
  })

  test.for(['websocket', 'http-stream'])('a network that falls silent is found out, by %s (HB-2)', async (by) => {
    const server = await stage.start({ heartbeat: { intervalMs: 1_000, timeoutMs: 1_000 } })
    if (by !== 'websocket') server.proxy.upgrades = 403
    const page = await stage.open(server, { minDelayMs: 50, maxDelayMs: 200 })
    await eventually(() => transportOf(page)).toBe(by)
    const session = await sessionOf(page)

    server.link.freeze()
    await eventually(async () => (await statusOf(page)).state).not.toBe('open')
    await sendBothWays(page, server, 10)
    server.link.thaw()
    await eventually(() => statusOf(page)).toMatchObject({ state: 'open', recovered: true })
    expect(await sessionOf(page)).toBe(session)
    await assertNothingLost(page, server)
  })

  test('more than a WebSocket takes at once goes on as it is taken', async () => {
    const server = await stage.start()
    const page = await stage.open(server)
    const arrived = await page.evaluate(() => {
      const texts = Array.from({ length: 12 }, (_, i) => String(i % 10).repeat(250_000))
      return Promise.all(texts.map(async (text) => (await window.plain.client.call.echo(text)) === text))
    })
    expect(arrived).toEqual(Array.from({ length: 12 }, () => true))
    expect(await transportOf(page)).toBe('websocket')
  })

  test('a link that died in silence is found out as the network returns', async () => {
    // By itself the page would take it for alive for a minute.
    const server = await stage.start({ heartbeat: { intervalMs: 60_000, timeoutMs: 1_000 } })
    const page = await stage.open(server, { minDelayMs: 50, maxDelayMs: 200 })
    await eventually(() => transportOf(page)).toBe('websocket')
    const session = await sessionOf(page)
    server.link.freeze()
    await sendBothWays(page, server, 10)

    await page.context().setOffline(true)
    await page.context().setOffline(false)
    await eventually(async () => (await statusOf(page)).state).not.toBe('open')
    server.link.thaw()
    await eventually(() => statusOf(page)).toMatchObject({ state: 'open', recovered: true })
    expect(await sessionOf(page)).toBe(session)
    await assertNothingLost(page, server)
  })
})

/** How often WebSocket was tried. */
const upgradesSeen = ({ proxy }: PageServer) => proxy.seen.filter((path) => path === 'upgrade').length
