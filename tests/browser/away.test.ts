import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { canSkip } from './browser.ts'
import {
  assertNothingLost,
  eventually,
  sendBothWays,
  sessionOf,
  statusOf,
  transportOf,
  usePlainStage,
} from './plain/plain-stage.ts'

const lifeOf = (page: Page) => page.evaluate(() => window.plain.life)

describe.skipIf(canSkip)('a page that nobody sees, in Chromium', { timeout: 90_000 }, () => {
  const stage = usePlainStage()

  /** Puts another tab in front. */
  async function hide(page: Page): Promise<void> {
    const other = await page.context().newPage()
    await other.bringToFront()
    await eventually(() => page.evaluate(() => document.visibilityState)).toBe('hidden')
  }

  async function setFrozen(page: Page, isFrozen: boolean): Promise<void> {
    const devtools = await page.context().newCDPSession(page)
    await devtools.send('Page.setWebLifecycleState', { state: isFrozen ? 'frozen' : 'active' })
    await devtools.detach()
  }

  test.for(['websocket', 'http-stream'])('behind another tab it answers heartbeats, by %s', async (by) => {
    const server = await stage.start({ heartbeat: { intervalMs: 2_000, timeoutMs: 2_000 } })
    if (by !== 'websocket') server.proxy.upgrades = 403
    const page = await stage.open(server, { upgradeDelayMs: 600_000 })
    await eventually(() => transportOf(page)).toBe(by)
    const statuses = await page.evaluate(() => window.plain.statuses)

    await hide(page)
    // The server gives up whoever is silent for five seconds, which is before the third answer.
    const sentBefore = stage.sentBy(page)
    await eventually(() => stage.sentBy(page)).toBeGreaterThan(sentBefore + 2)
    await sendBothWays(page, server, 10)
    await assertNothingLost(page, server)
    expect(await lifeOf(page)).toEqual(['pageshow', 'hidden'])

    await page.bringToFront()
    await eventually(() => lifeOf(page)).toEqual(['pageshow', 'hidden', 'visible'])
    await sendBothWays(page, server, 10)
    await assertNothingLost(page, server)
    expect(await page.evaluate(() => window.plain.statuses)).toEqual(statuses)
  })

  test('a link that died meanwhile is found out as the page is shown', async () => {
    // By itself the page would take it for alive for a minute.
    const server = await stage.start({ heartbeat: { intervalMs: 60_000, timeoutMs: 1_000 } })
    const page = await stage.open(server, { minDelayMs: 50, maxDelayMs: 200 })
    await eventually(() => transportOf(page)).toBe('websocket')
    const session = await sessionOf(page)
    await hide(page)
    server.link.freeze()
    await sendBothWays(page, server, 10)
    expect(await statusOf(page)).toMatchObject({ state: 'open' })

    await page.bringToFront()
    await eventually(async () => (await statusOf(page)).state).not.toBe('open')
    server.link.thaw()
    await eventually(() => statusOf(page)).toMatchObject({ state: 'open', recovered: true })
    expect(await sessionOf(page)).toBe(session)
    await assertNothingLost(page, server)
  })

  test.for([true, false])('frozen, it is given up by the server, and hears of that: %s', async (hearsOfIt) => {
    const server = await stage.start({ heartbeat: { intervalMs: 1_000, timeoutMs: 1_000 } })
    const page = await stage.open(server, { minDelayMs: 50, maxDelayMs: 200 })
    await eventually(() => transportOf(page)).toBe('websocket')
    const session = await sessionOf(page)
    await hide(page)
    await sendBothWays(page, server, 10)
    await assertNothingLost(page, server)

    await setFrozen(page, true)
    if (!hearsOfIt) server.link.freeze()
    await eventually(() => server.proxy.openWebSockets()).toBe(0)
    for (let i = 0; i < 10; i++) server.send()
    server.link.thaw()

    await setFrozen(page, false)
    await page.bringToFront()
    await eventually(() => page.evaluate(() => window.plain.statuses.at(-1))).toMatchObject({
      state: 'open',
      sessionId: session,
      recovered: true,
    })
    expect(await lifeOf(page)).toEqual(['pageshow', 'hidden', 'freeze', 'resume', 'visible'])
    await sendBothWays(page, server, 10)
    await assertNothingLost(page, server)
  })
})

describe.skipIf(canSkip)("Chromium's page cache", { timeout: 90_000 }, () => {
  const stage = usePlainStage()

  const goAway = (page: Page) => page.goto(new URL('/elsewhere', page.url()).href)

  async function comeBack(page: Page): Promise<void> {
    // No page is loaded: it is the one of before.
    await page.goBack({ waitUntil: 'commit' })
    await eventually(() => lifeOf(page)).toContain('pageshow persisted')
  }

  test.for(['websocket', 'http-stream', 'http-poll'])('a page comes back and is resumed, by %s', async (by) => {
    const server = await stage.start()
    if (by !== 'websocket') server.proxy.upgrades = 403
    if (by === 'http-poll') server.proxy.isBuffering = true
    // It would not be back by itself for minutes.
    const page = await stage.open(server, { minDelayMs: 600_000, maxDelayMs: 600_000, upgradeDelayMs: 600_000 })
    await eventually(() => transportOf(page)).toBe(by)
    const session = await sessionOf(page)
    await sendBothWays(page, server, 10)

    await goAway(page)
    await eventually(() => server.proxy.openWebSockets()).toBe(0)
    for (let i = 0; i < 10; i++) server.send()

    await comeBack(page)
    await eventually(() => statusOf(page)).toMatchObject({ state: 'open', recovered: true })
    expect(await sessionOf(page)).toBe(session)
    await sendBothWays(page, server, 10)
    await assertNothingLost(page, server)
  })

  // A stream ends with its page, and the server may learn of that before it is told why.
  test.for(['websocket', 'http-poll'])('a page that is loaded anew leaves no session behind, by %s', async (by) => {
    const server = await stage.start()
    if (by !== 'websocket') server.proxy.upgrades = 403
    if (by === 'http-poll') server.proxy.isBuffering = true
    const page = await stage.open(server, { upgradeDelayMs: 600_000 })
    await eventually(() => transportOf(page)).toBe(by)
    const session = await sessionOf(page)
    expect(server.sessionIds()).toContain(session!)
    await page.reload() // not by way of the page cache
    await eventually(() => server.sessionIds().includes(session!)).toBe(false)
    expect(await lifeOf(page)).toEqual(['pageshow'])
  })

  test('a page that comes back too late is told so, and works', async () => {
    const server = await stage.start({ resume: { windowMs: 500 } })
    const page = await stage.open(server, { minDelayMs: 600_000, maxDelayMs: 600_000 })
    await eventually(() => transportOf(page)).toBe('websocket')
    const session = await sessionOf(page)

    await goAway(page)
    await eventually(() => server.sessionIds()).toEqual([])
    await comeBack(page)
    await eventually(() => statusOf(page)).toMatchObject({ state: 'open', recovered: false })
    expect(await sessionOf(page)).not.toBe(session)
    await sendBothWays(page, server, 10)
    await assertNothingLost(page, server)
  })
})
