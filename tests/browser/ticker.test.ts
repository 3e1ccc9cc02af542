import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import axe, { type AxeResults } from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openFaultLink } from '../../packages/testkit/src/fault-link.ts'
import type { Fault } from '../../packages/testkit/src/frame-faults.ts'
import { openFrameFaultLink } from '../../packages/testkit/src/frame-fault-link.ts'
import { openDifficultProxy, type UpgradeMood } from '../../packages/testkit/src/proxies-difficult.ts'
import { canSkip, launchBrowser } from './browser.ts'
import { type BuiltChat, buildExample } from './built-chat.ts'
import { startChat } from './chat-process.ts'
import { slowDown } from './slow-network.ts'

/** Where the pictures lie afterwards, for whoever wants to look. Git does not see them. */
const folder = fileURLToPath(new URL('../../node_modules/.cache/ticker-screenshots/', import.meta.url))

const phone = { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
const desktop = { viewport: { width: 1_440, height: 900 } }

/** A browser beside others on a busy machine takes its time. */
const patient = { timeout: 20_000, interval: 50 }

describe.skipIf(canSkip)('the ticker', { timeout: 60_000 }, () => {
  let built: BuiltChat
  let browser: Browser
  beforeAll(async () => {
    built = await buildExample('ticker')
    browser = await launchBrowser()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await built?.[Symbol.asyncDispose]()
  })

  async function serve() {
    let server = await startChat(built)
    onTestFinished(() => server.kill())
    return {
      get url() {
        return server.url
      },
      port: server.port,
      restart: async (whenGone: () => Promise<unknown>) => {
        await server.kill()
        await whenGone()
        server = await startChat(built, server.port)
      },
    }
  }

  /** A page in a browser context of its own. What it complains of fails the test, but what `isExpected`. */
  async function visit(url: string, options: BrowserContextOptions = {}, isExpected = (_problem: string) => false) {
    const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...desktop, ...options })
    context.setDefaultTimeout(patient.timeout)
    const page = await context.newPage()
    const problems: string[] = []
    page.on('pageerror', (error) => problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error' && !isExpected(message.text())) problems.push(message.text())
    })
    onTestFinished(async () => {
      await context.close()
      expect(problems).toEqual([])
    })
    await page.goto(url)
    return page
  }

  const hasPrices = (page: Page) => page.locator('tbody tr').nth(49).waitFor()

  /** A server, and a page of it that shows prices. */
  async function open(options: BrowserContextOptions = {}, isExpected?: (problem: string) => boolean) {
    const server = await serve()
    const page = await visit(server.url, options, isExpected)
    await hasPrices(page)
    return { server, page }
  }

  const isOfLostConnection = (problem: string) =>
    /^WebSocket connection to .* failed|net::ERR_(CONNECTION_(REFUSED|RESET)|EMPTY_RESPONSE|INTERNET_DISCONNECTED)/.test(
      problem,
    )

  const pricesOf = (page: Page) => page.locator('td.price').allTextContents()

  const moves = async (page: Page) => {
    const before = await pricesOf(page)
    await expect
      .poll(async () => (await pricesOf(page)).every((price, row) => price !== before[row]), patient)
      .toBe(true)
  }

  /** A number that the page shows; `NaN` while it shows none. */
  const figure = async (page: Page, id: string) => {
    const text = await page
      .locator(`[data-figure="${id}"]`)
      .locator('.number')
      .or(page.locator(`.number[data-figure="${id}"]`))
      .textContent()
    return Number(text!.replaceAll(',', ''))
  }

  /** How many points of the canvas are not as the rest. */
  const inked = (page: Page) =>
    page.locator('.plot canvas').evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height)
      return data.filter((value, index) => index % 4 === 3 && value > 0).length
    })

  const drawn = (page: Page) => page.locator('.plot canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())

  test('prices move, a thousand a second, and so does the chart', async () => {
    const { page } = await open()
    await moves(page)
    await expect.poll(() => figure(page, 'made'), patient).toBeGreaterThan(900)
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(500)
    await expect.poll(() => inked(page), patient).toBeGreaterThan(1_000)
    const before = await drawn(page)
    await expect.poll(() => drawn(page), patient).not.toBe(before)
  })

  const picture = async (page: Page, name: string) => {
    await mkdir(folder, { recursive: true })
    await page.screenshot({ path: `${folder}${name}.png` })
  }

  test('a symbol is chosen by keyboard, and its chart is shown', async () => {
    const { page } = await open()
    await page.getByRole('heading', { name: 'ABLD Ablewood Timber' }).waitFor()
    const button = page.getByRole('button', { name: 'AMBQ Amberquay Shipping' })
    await button.focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'AMBQ Amberquay Shipping' }).waitFor()
    expect(await button.getAttribute('aria-pressed')).toBe('true')
    await page.getByRole('img', { name: 'Each price of Amberquay Shipping over the last minute' }).waitFor()
  })

  test('two people see the same prices, and the rate that one of them sets, also after a reload', async () => {
    const { server, page } = await open()
    const other = await visit(server.url)
    await hasPrices(other)
    await page.getByRole('radio', { name: '250' }).check()
    for (const each of [page, other]) {
      await expect.poll(() => each.getByRole('radio', { name: '250' }).isChecked(), patient).toBe(true)
      await expect.poll(() => figure(each, 'made'), patient).toBeLessThan(300)
    }
    const priceOf = (each: Page) => each.locator('[data-symbol=AMBQ] .price').textContent()
    await expect.poll(async () => (await priceOf(page)) === (await priceOf(other)), patient).toBe(true)

    await other.reload()
    await hasPrices(other)
    await moves(other)
    expect(await other.getByRole('radio', { name: '250' }).isChecked()).toBe(true)
  })

  test.for<{ by: string; upgrades: UpgradeMood; isBuffering: boolean }>([
    { by: 'HTTP stream', upgrades: 'hang', isBuffering: false },
    { by: 'Long-polling', upgrades: 403, isBuffering: true },
  ])('where no WebSocket comes through, prices come by $by', async ({ by, ...mood }) => {
    const server = await serve()
    const proxy = await openDifficultProxy(server.port, mood)
    onTestFinished(() => proxy[Symbol.asyncDispose]())
    const page = await visit(`http://localhost:${proxy.port}`, {}, isOfLostConnection)
    await hasPrices(page)
    await page.locator('.status').getByText(by, { exact: true }).waitFor()
    await moves(page)
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(0)
  })

  test.for([
    { name: 'phone-light', colorScheme: 'light', ...phone },
    { name: 'desktop-dark', colorScheme: 'dark', ...desktop },
  ] as const)('offline it does not look live, what one asks waits, and then it goes on: $name', async (look) => {
    const { name, ...options } = look
    const server = await serve()
    const link = await openFaultLink(server.port)
    onTestFinished(() => link[Symbol.asyncDispose]())
    const page = await visit(`http://localhost:${link.port}`, options, isOfLostConnection)
    await hasPrices(page)
    await page.locator('.status').getByText('WebSocket', { exact: true }).waitFor()
    await expect.poll(() => figure(page, 'made'), patient).toBeGreaterThan(900)

    // Chromium's emulation leaves an open WebSocket be; where there is no network it ends.
    link.refuse()
    link.cut()
    await page.context().setOffline(true)
    await page.getByText('No connection: these prices are old.').waitFor()
    await page.getByText(/Trying again in \d+ s/).waitFor()
    for (const id of ['made', 'received', 'conflated', 'age', 'renders']) expect(await figure(page, id)).toBeNaN()
    const colors = () =>
      page.locator('td.price').evaluateAll((cells) => [...new Set(cells.map((cell) => getComputedStyle(cell).color))])
    const greys = await colors()
    await page.getByRole('radio', { name: '4,000' }).check()
    await page.getByText('Not set yet: it waits for the connection.').waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
    expect(await violationsIn(page)).toEqual([])
    await page.evaluate(() => window.scrollTo(0, 0))
    await picture(page, `${name}-offline`)

    link.accept()
    await page.context().setOffline(false)
    await page.getByText('Connected', { exact: true }).waitFor()
    await page.getByText('Not set yet').waitFor({ state: 'detached' })
    await expect.poll(() => figure(page, 'made'), patient).toBeGreaterThan(1_500)
    await moves(page)
    expect(await page.getByRole('radio', { name: '4,000' }).isChecked()).toBe(true)
    expect(await colors()).not.toEqual(greys)
  })

  test('one need not wait for the next attempt', async () => {
    const { server, page } = await open({}, isOfLostConnection)
    const tryNow = page.getByRole('button', { name: 'Try now' })
    await server.restart(() => tryNow.waitFor())
    await tryNow.click({ timeout: 1_000 }).catch(() => {}) // it may be back by itself by now
    await page.getByText('Connected', { exact: true }).waitFor()
    expect(await tryNow.isVisible()).toBe(false)
  })

  test('on a slow network the page says soon what it is, and of each symbol the newest price comes', async () => {
    const server = await serve()
    // What goes down by WebSocket, the emulation does not reach: forty messages a second, and the market makes a hundred.
    const link = await openFrameFaultLink(server.port, async ({ kind, direction }): Promise<Fault> => {
      if (kind === 'message' && direction === 'down') await new Promise((resolve) => setTimeout(resolve, 25))
      return 'pass'
    })
    onTestFinished(() => link[Symbol.asyncDispose]())
    const page = await visit('about:blank')
    await slowDown(page)
    await page.goto(`http://localhost:${link.port}`, { waitUntil: 'commit' })
    await page.getByText('Loading', { exact: true }).waitFor()
    await page.getByRole('heading', { name: 'Typewire ticker' }).waitFor()
    expect(await page.locator('tbody').count()).toBe(0)
    await hasPrices(page)
    await expect.poll(() => figure(page, 'conflated'), patient).toBeGreaterThan(50)
    await moves(page)
    await expect.poll(() => figure(page, 'age'), patient).toBeLessThan(5_000)
  })

  test('a slow page gets fewer prices, and the newest ones', async () => {
    const { page } = await open()
    const slow = page.getByRole('switch', { name: 'Slow client' })
    await expect.poll(() => figure(page, 'made'), patient).toBeGreaterThan(900)
    await slow.click()
    expect(await slow.getAttribute('aria-checked')).toBe('true')
    const before = await figure(page, 'conflated-in-all')
    await expect.poll(() => figure(page, 'conflated'), patient).toBeGreaterThan(0)
    await expect.poll(() => figure(page, 'conflated-in-all'), patient).toBeGreaterThan(before + 500)
    await moves(page)
    // Much younger than the page has stood still.
    await expect.poll(() => figure(page, 'age'), patient).toBeLessThan(500)
    expect(await figure(page, 'received')).toBeGreaterThan(0)

    const whileSlow = await figure(page, 'conflated')
    await slow.click()
    await expect.poll(() => figure(page, 'conflated'), patient).toBeLessThan(whileSlow / 2)
  })

  test('a restart of the server is survived: its prices, its past, its figures', async () => {
    const server = await serve()
    const page = await visit('about:blank', {}, isOfLostConnection)
    const asked = new Set<string>() // by their numbers: a call in doubt is sent again
    const note = (sent: string) => {
      for (const [call] of sent.matchAll(/\[17,\d+,"market"/g)) asked.add(call)
    }
    page.on('websocket', (webSocket) => webSocket.on('framesent', ({ payload }) => note(String(payload))))
    page.on('request', (request) => note(request.postData() ?? ''))
    await page.goto(server.url)
    await hasPrices(page)
    await moves(page)
    expect(asked.size).toBe(1)
    await server.restart(() => page.getByText('Not connected').waitFor())
    await page.getByText('Connected', { exact: true }).waitFor()
    await moves(page)
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(500)
    // The past that was drawn is not this server's.
    await expect.poll(() => asked.size, patient).toBe(2)
  })

  test('nothing moves but what is drawn, and a price keeps its place', async () => {
    const { page } = await open()
    const shifts = await page.evaluateHandle(() => {
      const seen: string[] = []
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { sources } = entry as PerformanceEntry & { sources: { node: Node | null }[] }
          // Elements: the digits of a number that is set flush right grow to the left.
          for (const { node } of sources) if (node instanceof Element) seen.push(node.outerHTML)
        }
      }).observe({ type: 'layout-shift' })
      return seen
    })
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(500)
    await moves(page)
    expect(await shifts.jsonValue()).toEqual([])
  })

  test('who asks for less motion sees two pictures a second', async () => {
    const { page } = await open({ reducedMotion: 'reduce' })
    await moves(page)
    await expect.poll(() => figure(page, 'renders'), patient).toBeLessThan(4)
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(500)
  })

  test.for([
    { name: 'desktop-light', colorScheme: 'light', ...desktop },
    { name: 'desktop-dark', colorScheme: 'dark', ...desktop },
    { name: 'phone-light', colorScheme: 'light', ...phone },
    { name: 'phone-dark', colorScheme: 'dark', ...phone },
  ] as const)('axe finds nothing, and nothing is beyond the sides: $name', async ({ name, ...options }) => {
    const { page } = await open(options)
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(500)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
    await picture(page, name)
    expect(await violationsIn(page)).toEqual([])
  })

  test('on a phone the chart stays in sight beside what one chooses, and names are whole', async () => {
    const { page } = await open(phone)
    const row = page.getByRole('button', { name: 'UMBR Umbra Semiconductors' })
    await row.tap()
    await expect.poll(() => page.locator('.chart').evaluate((chart) => chart.getBoundingClientRect().top)).toBe(0)
    const heading = page.getByRole('heading', { name: 'UMBR Umbra Semiconductors' })
    expect(await heading.evaluate(isInSight)).toBe(true)
    expect(await row.evaluate(isInSight)).toBe(true)
    const cut = await page
      .locator('.name')
      .evaluateAll((names) =>
        names.filter((name) => name.scrollWidth > name.clientWidth).map((name) => name.textContent),
      )
    expect(cut).toEqual([])
    expect(await page.locator('.chart .change').evaluate(isInSight)).toBe(true)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
    await picture(page, 'phone-light-chosen')
  })
})

/** What axe objects to. */
async function violationsIn(page: Page): Promise<string[]> {
  // Through the debugger: the page's own security policy lets no script in.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: () => Promise<AxeResults> } }
    return axe.run()
  })
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`)
}

/** It is what lies in its own middle: nothing is above it, and it is on the screen. */
function isInSight(element: Element): boolean {
  const { x, y, width, height } = element.getBoundingClientRect()
  const found = document.elementFromPoint(x + width / 2, y + height / 2)
  return found !== null && element.contains(found)
}
