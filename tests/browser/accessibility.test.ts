import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { canSkip } from './browser.ts'
import { useStage } from './stage.ts'
import type { Visitor } from './visitor.ts'

const desktop = { viewport: { width: 1_440, height: 900 } }
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true }
const looks = [
  { name: 'a wide screen, light', isPhone: false, colorScheme: 'light', ...desktop },
  { name: 'a wide screen, dark', isPhone: false, colorScheme: 'dark', ...desktop },
  { name: 'a phone, light', isPhone: true, colorScheme: 'light', ...phone },
  { name: 'a phone, dark', isPhone: true, colorScheme: 'dark', ...phone },
] as const

describe.skipIf(canSkip)('axe finds nothing to object to in the chat', { timeout: 60_000 }, () => {
  const stage = useStage()

  test.for(looks)('on $name', async ({ name: _, isPhone, ...options }) => {
    const ada = await stage.arrive('Ada Lovelace', options)
    const { page } = ada
    expect(await violationsIn(page)).toEqual([])
    await page.getByRole('button', { name: 'Come in' }).click()
    await page.getByRole('alert').getByText('Give a name').waitFor()
    expect(await violationsIn(page)).toEqual([])

    await ada.signIn()
    await page.getByText('Nothing has been said here yet').waitFor()
    expect(await violationsIn(page)).toEqual([])

    const grace = await stage.enter('Grace Hopper')
    await grace.say('Who has moved the relay?')
    await grace.goTo('Workshop')
    for (let count = 1; count <= 6; count++) {
      await ada.composer.fill(`I did, ${count} times.`)
      await ada.composer.press('Enter')
    }
    await page.getByText('Not sent. That was too fast.').waitFor()
    await ada.composer.fill('x'.repeat(2_001))
    await page.getByText('Too long to be sent.').waitFor()
    expect(await violationsIn(page)).toEqual([])

    await ada.followLink('#nowhere', 'nowhere')
    await page.getByText('There is no room').waitFor()
    expect(await violationsIn(page)).toEqual([])
    await ada.followLink('#lobby', 'Lobby')

    expect(isPhone ? await violationsInDrawer(ada) : []).toEqual([])

    await stage.chat.kill()
    await page.getByText(/Trying again in/).waitFor()
    expect(await violationsIn(page)).toEqual([])
    for (const visitor of [ada, grace]) visitor.forgetFailedConnections()
  })

  test('the stop by keyboard before the rooms leads past them', async () => {
    const ada = await stage.enter('Ada')
    const { page } = ada
    await ada.roomLink('Lobby').focus()
    await page.keyboard.press('Shift+Tab')
    const skip = page.getByRole('link', { name: 'Skip to the messages' })
    expect(await skip.evaluate((link) => link === document.activeElement)).toBe(true)
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('log')
    await page.getByRole('heading', { level: 1, name: 'Lobby' }).waitFor()
  })
})

async function violationsInDrawer({ page }: Visitor): Promise<string[]> {
  await page.getByRole('button', { name: 'Rooms' }).tap()
  await page.getByRole('dialog').waitFor()
  const violations = await violationsIn(page)
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  return violations
}

/** Each rule that is broken, with what breaks it. */
async function violationsIn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: () => Promise<AxeResults> } }
    return axe.run()
  })
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
}
