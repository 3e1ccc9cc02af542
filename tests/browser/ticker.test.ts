import { createRequire } from 'node:module'
import type * as Axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { canSkip, launchBrowser } from './browser.ts'
import { type BuiltChat, buildExample } from './built-chat.ts'
import { startChat } from './chat-process.ts'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
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

  /** A server, and a page of it that shows prices. What the page complains of fails the test, but what `isExpected`. */
  async function open(options: BrowserContextOptions = {}, isExpected = (_problem: string) => false) {
    let server = await startChat(built)
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
      await server.kill()
      expect(problems).toEqual([])
    })
    await page.goto(server.url)
    await page.locator('tbody tr').nth(49).waitFor()
    const restart = async () => {
      await server.kill()
      await page.getByText('Not connected').waitFor()
      server = await startChat(built, server.port)
    }
    return { page, restart }
  }

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

  const picture = (page: Page) =>
    page.locator('.plot canvas').evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL())

  test('prices move, a thousand a second, and so does the chart', async () => {
    const { page } = await open()
    await moves(page)
    await expect.poll(() => figure(page, 'made'), patient).toBeGreaterThan(900)
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(500)
    await expect.poll(() => inked(page), patient).toBeGreaterThan(1_000)
    const before = await picture(page)
    await expect.poll(() => picture(page), patient).not.toBe(before)
  })

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

  test('another rate is the market’s, and everybody’s', async () => {
    const { page } = await open()
    await page.getByRole('radio', { name: '250' }).check()
    await expect.poll(() => figure(page, 'made'), patient).toBeLessThan(300)
    await page.reload()
    await expect.poll(() => page.getByRole('radio', { name: '250' }).isChecked(), patient).toBe(true)
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
    const { page, restart } = await open({}, (problem) =>
      /^WebSocket connection to .* failed|net::ERR_CONNECTION_(REFUSED|RESET)/.test(problem),
    )
    await moves(page)
    await restart()
    await page.getByText('Connected', { exact: true }).waitFor()
    await moves(page)
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(500)
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
    { name: 'on a desktop, light', colorScheme: 'light', ...desktop },
    { name: 'on a desktop, dark', colorScheme: 'dark', ...desktop },
    { name: 'on a phone, light', colorScheme: 'light', ...phone },
    { name: 'on a phone, dark', colorScheme: 'dark', ...phone },
  ] as const)('axe finds nothing, and nothing is beyond the sides: $name', async ({ name: _, ...options }) => {
    const { page } = await open(options)
    await expect.poll(() => figure(page, 'received'), patient).toBeGreaterThan(500)
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0)
    // Through the debugger: the page's own security policy lets no script in.
    await page.addInitScript({ path: axePath })
    await page.reload()
    await page.locator('tbody tr').nth(49).waitFor()
    const violations = await page.evaluate(async () => {
      const { axe } = window as unknown as { axe: typeof Axe }
      const found = await axe.run()
      return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`)
    })
    expect(violations).toEqual([])
  })
})
