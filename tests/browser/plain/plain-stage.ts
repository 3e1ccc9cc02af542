import type { ClientStatus, ReconnectOptions } from '@typewire/client'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { sequence } from '../../../packages/testkit/src/suites/transport-stage.ts'
import { launchTabbedBrowser, type TabbedBrowser } from '../browser.ts'
import { buildPage, type PageServer, type PageServerOptions, startPageServer } from './page-server.ts'

/** What the tests of one `describe` play on: a browser for all, and for each test a server and its tabs. */
export interface PlainStage {
  readonly start: (options?: PageServerOptions) => Promise<PageServer>
  /** Opens the page in a tab, in front of the others. Its client connects by itself. */
  readonly open: (server: PageServer, reconnect?: ReconnectOptions) => Promise<Page>
  /** How many messages and requests a page's client has sent. */
  readonly sentBy: (page: Page) => number
}

/** To be called in a `describe`. All of it is ended, whatever becomes of a test. */
export function usePlainStage(): PlainStage {
  let code: string | undefined
  let browser: TabbedBrowser | undefined
  let servers: PageServer[] = []
  const sent = new WeakMap<Page, number>()

  beforeAll(async () => {
    code = await buildPage()
    browser = await launchTabbedBrowser()
  })
  afterEach(async () => {
    // The first one stays: without a tab there is no browser.
    await Promise.all(
      browser!.context
        .pages()
        .slice(1)
        .map((page) => page.close()),
    )
    await browser!.context.setOffline(false)
    await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()))
    servers = []
  })
  afterAll(() => browser?.[Symbol.asyncDispose]())

  return {
    start: async (options) => {
      const server = await startPageServer(code!, options)
      servers.push(server)
      return server
    },
    open: async (server, reconnect = {}) => {
      const page = await browser!.context.newPage()
      const count = () => void sent.set(page, (sent.get(page) ?? 0) + 1)
      page.on('websocket', (webSocket) => webSocket.on('framesent', count))
      page.on('request', (request) => request.method() === 'POST' && count())
      await page.goto(`${server.url}/#${encodeURIComponent(JSON.stringify(reconnect))}`)
      await page.bringToFront()
      return page
    },
    sentBy: (page) => sent.get(page) ?? 0,
  }
}

/** As `expect.poll`, with patience for a machine that is busy. */
// oxlint-disable-next-line vitest/require-awaited-expect-poll -- whoever calls this awaits it
export const eventually = (what: () => unknown) => expect.poll(what, { timeout: 20_000, interval: 20 })

export const statusOf = (page: Page): Promise<ClientStatus> => page.evaluate(() => window.plain.client.status.current)

/** What a page's client has connected by, once it has. */
export async function transportOf(page: Page): Promise<string | undefined> {
  const status = await statusOf(page)
  return status.state === 'open' ? status.transport : undefined
}

/** The id of the session that a page's client has. */
export async function sessionOf(page: Page): Promise<string | undefined> {
  const status = await statusOf(page)
  return status.state === 'open' ? status.sessionId : undefined
}

/** Sends so many numbers from both sides. */
export async function sendBothWays(page: Page, server: PageServer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) server.send()
  await page.evaluate((times) => {
    for (let i = 0; i < times; i++) window.plain.send()
  }, count)
}

/** That all that was ever sent by either side has come to the other, once and in order. Ends what is still being sent. */
export async function assertNothingLost(page: Page, server: PageServer): Promise<void> {
  const [up, down] = [await page.evaluate(() => window.plain.endBurst()), server.endBurst()]
  const downLength = () => page.evaluate(() => window.plain.down.length)
  await eventually(async () => [server.up.length >= up, (await downLength()) >= down]).toEqual([true, true])
  expect(server.up).toEqual(sequence(up))
  expect(await page.evaluate(() => window.plain.down)).toEqual(sequence(down))
}
