import type { Browser, BrowserContextOptions } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { launchBrowser } from './browser.ts'
import { type BuiltChat, buildChat } from './built-chat.ts'
import { type ChatProcess, startChat } from './chat-process.ts'
import { Visitor } from './visitor.ts'

/** What the tests of one `describe` play on: a browser for all, and for each test a server and its visitors. */
export interface Stage {
  readonly chat: ChatProcess
  /** Somebody opens the page in a browser context of their own, `url` being where they find it. */
  readonly arrive: (name: string, options?: BrowserContextOptions, url?: string) => Promise<Visitor>
  /** The same, and signs in. */
  readonly enter: Stage['arrive']
  /** Starts another server where the first was. It must have ended. */
  readonly restart: () => Promise<void>
}

/** To be called in a `describe`. All of it is ended, whatever becomes of a test. */
export function useStage(): Stage {
  let built: BuiltChat | undefined
  let browser: Browser | undefined
  let chat: ChatProcess | undefined
  let visitors: Visitor[] = []

  beforeAll(async () => {
    built = await buildChat()
    browser = await launchBrowser()
  })
  beforeEach(async () => {
    chat = await startChat(built!)
  })
  afterEach(async () => {
    const leaving = visitors
    visitors = []
    await Promise.all(leaving.map(({ page }) => page.context().close()))
    await chat?.kill()
    for (const visitor of leaving) visitor.assertNoProblems()
  })
  afterAll(async () => {
    await browser?.close()
    await built?.[Symbol.asyncDispose]()
  })

  const arrive: Stage['arrive'] = async (name, options, url = chat!.url) => {
    const visitor = await Visitor.arrive(browser!, url, name, options)
    visitors.push(visitor)
    return visitor
  }
  return {
    get chat() {
      return chat!
    },
    arrive,
    enter: async (...who) => {
      const visitor = await arrive(...who)
      await visitor.signIn()
      return visitor
    },
    restart: async () => {
      chat = await startChat(built!, chat!.port)
    },
  }
}
