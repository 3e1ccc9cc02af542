import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { canSkip } from './browser.ts'
import { sayMany } from './say-many.ts'
import { useStage } from './stage.ts'
import type { Visitor } from './visitor.ts'

/** Where the pictures lie afterwards, for whoever wants to look. Git does not see them. */
const folder = fileURLToPath(new URL('../../node_modules/.cache/chat-screenshots/', import.meta.url))

const phone = { viewport: { width: 360, height: 780 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true }
const desktop = { viewport: { width: 1_180, height: 760 } }
const phoneLight = { name: 'phone-light', colorScheme: 'light', ...phone } as const
const phoneDark = { name: 'phone-dark', colorScheme: 'dark', ...phone } as const
const desktopLight = { name: 'desktop-light', colorScheme: 'light', ...desktop } as const
const desktopDark = { name: 'desktop-dark', colorScheme: 'dark', viewport: { width: 1_440, height: 900 } } as const

describe.skipIf(canSkip)('the looks of the chat', { timeout: 60_000 }, () => {
  const stage = useStage()

  test.for([phoneLight, phoneDark, desktopLight, desktopDark])('a talk fits $name', async ({ name, ...options }) => {
    const ada = await stage.arrive('Ada Lovelace', options)
    expect(await beyondTheEdges(ada.page)).toEqual([])
    await picture(ada.page, `${name}-sign-in`)
    await ada.signIn()
    await ada.page.getByText('Nothing has been said here yet').waitFor()
    await picture(ada.page, `${name}-empty`)

    const others = await Promise.all([stage.enter('Grace Hopper'), stage.enter('Yukihiro')])
    await talk([ada, ...others])
    expect(await beyondTheEdges(ada.page)).toEqual([])
    await picture(ada.page, `${name}-room`)
  })

  test.for([phoneDark, desktopLight])('a lost connection fits $name', async ({ name, ...options }) => {
    const ada = await stage.enter('Ada Lovelace', options)
    await ada.say('Is anybody there?')
    await stage.chat.stop()
    await ada.page.getByText(/Trying again in/).waitFor()
    await ada.composer.fill('It has become so quiet')
    await ada.page.getByRole('button', { name: 'Send' }).click()
    await ada.page.getByText('Waiting for the connection …').waitFor()
    expect(await beyondTheEdges(ada.page)).toEqual([])
    await picture(ada.page, `${name}-lost`)
    ada.forgetFailedConnections()
  })

  test.for([phoneLight, desktopDark])('a message that was refused fits $name', async ({ name, ...options }) => {
    const ada = await stage.enter('Ada Lovelace', options)
    const grace = await stage.enter('Grace Hopper')
    await grace.say('Is it true that it takes five at once?')
    for (const text of ['Let us see.', 'Two', 'Three', 'Four', 'Five', 'And this one is one too many.']) {
      await ada.composer.fill(text)
      await ada.composer.press('Enter')
    }
    await ada.page.getByText('Not sent. That was too fast.').waitFor()
    await ada.page.getByRole('button', { name: 'Send again' }).waitFor()
    expect(await beyondTheEdges(ada.page)).toEqual([])
    await picture(ada.page, `${name}-refused`)
  })

  test.for([phoneLight, desktopLight, desktopDark])('what is new and what is missing fits $name', async (look) => {
    const { name, ...options } = look
    await sayMany(stage.chat.url, 60)
    const ada = await stage.enter('Ada Lovelace', options)
    const others = await Promise.all([stage.enter('Grace Hopper'), stage.enter('Yukihiro')])
    await ada.message('Message 60').waitFor()
    await ada.page.locator('#log').evaluate((log) => log.scrollTo(0, 0))
    expect(await beyondTheEdges(ada.page)).toEqual([])
    await picture(ada.page, `${name}-earlier`)

    await stage.chat.kill()
    await stage.restart()
    for (const visitor of [ada, ...others]) await visitor.page.getByText('Messages are missing here').waitFor()
    await ada.say('Was that a restart?')
    await ada.followLink('#workshop', 'Workshop')
    await others[0].say('So it seems.')
    await others[1].say('And what we said before is gone with it.')
    await ada.followLink('#lobby', 'Lobby')
    await ada.page.getByText('2 new messages').waitFor()
    await others[1].followLink('#workshop', 'Workshop')
    expect(await beyondTheEdges(ada.page)).toEqual([])
    await picture(ada.page, `${name}-new`)
    for (const visitor of [ada, ...others]) visitor.forgetFailedConnections()
  })

  test.for(['no-preference', 'reduce'] as const)('on a phone the rooms are in a drawer: motion, %s', async (motion) => {
    const ada = await stage.enter('Ada Lovelace', { ...phone, reducedMotion: motion })
    const hasFocus = (locator: Locator) => locator.evaluate((element) => element === document.activeElement)
    const opener = ada.page.getByRole('button', { name: 'Rooms' })
    expect(await ada.roomLink('Lobby').isVisible()).toBe(false)
    await opener.tap()
    await ada.roomLink('Lobby').waitFor()
    expect(await hasFocus(ada.roomLink('Lobby'))).toBe(true)
    await ada.page.locator('#sidebar').evaluate(untilItRests)
    await picture(ada.page, 'phone-drawer')
    await ada.page.keyboard.press('Escape')
    await ada.roomLink('Lobby').waitFor({ state: 'hidden' })
    expect(await hasFocus(opener)).toBe(true)

    await opener.tap()
    // A tap beside all that can be chosen takes the focus away, and not the key.
    await ada.page.locator('#rooms-title').tap()
    await ada.page.keyboard.press('Escape')
    await ada.roomLink('Lobby').waitFor({ state: 'hidden' })

    await opener.tap()
    await ada.page.getByRole('dialog').getByRole('button', { name: 'Close' }).tap()
    await ada.roomLink('Lobby').waitFor({ state: 'hidden' })

    await opener.tap()
    await ada.roomLink('Workshop').tap()
    await ada.untilIn('Workshop')
    await ada.roomLink('Workshop').waitFor({ state: 'hidden' })
  })
})

async function picture(page: Page, name: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await page.screenshot({ path: `${folder}${name}.png` })
}

const untilItRests = (element: Element) =>
  Promise.all(element.getAnimations().map(({ finished }) => finished)).then(() => {})

/** What the screen does not hold: beyond its sides, also where a box cuts it off, or below its lower edge. */
function beyondTheEdges(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, clientHeight, scrollHeight } = document.documentElement
    const isBeyond = (element: Element) => {
      const { left, right } = element.getBoundingClientRect()
      return element.checkVisibility({ visibilityProperty: true }) && (left < 0 || right > clientWidth)
    }
    const beyond = Array.from(document.querySelectorAll('body *')).filter(isBeyond)
    return [...(scrollHeight > clientHeight ? ['the page'] : []), ...beyond.map(({ outerHTML }) => outerHTML)]
  })
}

async function talk([ada, grace, yukihiro]: Visitor[]): Promise<void> {
  await grace!.say('Who has moved the relay?')
  await ada!.say('I did. It hums less by the window.')
  await ada!.say('And the contract knows it now: one event, relayMoved, typed at both ends.')
  await grace!.openRoom('Relay repairs')
  await grace!.followLink('#lobby', 'Lobby')
  await ada!.followLink('#relay-repairs', 'Relay repairs')
  await yukihiro!.say('So that is why my editor turned red at four places before I had finished my tea.')
  await grace!.say('Four places fixed, none forgotten.\nI like a wire that minds what I say over it.')
  await ada!.followLink('#lobby', 'Lobby')
  await grace!.followLink('#relay-repairs', 'Relay repairs')
  await grace!.say('The iron is hot.')
  await yukihiro!.composer.pressSequentially('Then')
  await ada!.page.getByText('Yukihiro is typing …').waitFor()
}
