import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'

/** Somebody at the chat's page, in a browser context of their own: what they do, and what they see. */
export class Visitor {
  readonly page: Page
  readonly name: string
  /** What went wrong in the page that nobody should see: uncaught errors, refusals of the security policy. */
  readonly #problems: string[] = []
  #isExpected = (_problem: string) => false

  constructor(page: Page, name: string) {
    this.page = page
    this.name = name
    page.on('pageerror', (error) => this.#problems.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') this.#problems.push(message.text())
    })
  }

  static async arrive(browser: Browser, url: string, name: string, options: BrowserContextOptions = {}) {
    const context = await browser.newContext({
      locale: 'en-GB',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
      viewport: { width: 1_180, height: 760 },
      ...options,
    })
    context.setDefaultTimeout(15_000)
    const visitor = new Visitor(await context.newPage(), name)
    await visitor.page.goto(url)
    return visitor
  }

  async signIn(): Promise<void> {
    await this.page.getByLabel('Name').fill(this.name)
    await this.page.getByRole('button', { name: 'Come in' }).click()
    await this.status('Connected').waitFor()
  }

  /** Opens a room by its name, and waits until it is open. */
  async openRoom(name: string): Promise<void> {
    await this.page.getByLabel('Another room').fill(name)
    await this.page.getByRole('button', { name: 'Open', exact: true }).click()
    await this.untilIn(name)
  }

  async goTo(name: string): Promise<void> {
    await this.roomLink(name).click()
    await this.untilIn(name)
  }

  /** As from outside: by its address. */
  async followLink(address: string, name: string): Promise<void> {
    await this.page.goto(new URL(address, this.page.url()).href)
    await this.untilIn(name)
  }

  async untilIn(name: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name }).waitFor()
    await this.page.locator('#log[aria-busy=false]').waitFor()
  }

  /** Writes and sends; resolves when the server has it. */
  async say(text: string): Promise<void> {
    await this.composer.fill(text)
    await this.composer.press('Enter')
    await this.message(text).waitFor()
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to/ })
  }

  /** A message that the server has, by exactly this text. */
  message(text: string): Locator {
    return this.page.locator('.message:not(.outgoing) .text').getByText(text, { exact: true })
  }

  /** The texts in the log, in their order. */
  texts(): Promise<string[]> {
    return this.page.locator('.message .text').allTextContents()
  }

  /** The texts in the log, and where it says that what follows is new. */
  lines(): Promise<string[]> {
    return this.page.locator('.message .text, .news').allTextContents()
  }

  /** Who is here, sorted, each with what stands beside the name. */
  async here(): Promise<string[]> {
    const people = this.page.getByRole('region', { name: /^Here now/ }).getByRole('listitem')
    // Before the name stand its letters.
    return (await people.allInnerTexts()).map((text) => text.split('\n').slice(1).join(' ')).sort()
  }

  status(text: string): Locator {
    return this.page.locator('#status').getByText(text, { exact: true })
  }

  roomLink(name: string | RegExp): Locator {
    return this.page.getByRole('navigation').getByRole('link', { name })
  }

  /**
   * The browser itself reports each attempt to connect that fails, while there is no server or no network, and each request
   * by a connection that has just been replaced by a better one (410).
   */
  forgetFailedConnections(): void {
    this.#isExpected = (problem) =>
      /^WebSocket connection to .* failed|status of 410|net::ERR_(INTERNET_DISCONNECTED|CONNECTION_REFUSED|CONNECTION_RESET|SOCKET_NOT_CONNECTED|EMPTY_RESPONSE)/.test(
        problem,
      )
  }

  /** @throws Error with all that went wrong. */
  assertNoProblems(): void {
    const problems = this.#problems.filter((problem) => !this.#isExpected(problem))
    if (problems.length > 0) throw new Error(`In the page of ${this.name}: ${problems.join('; ')}`)
  }
}
