import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openFaultLink } from '../../packages/testkit/src/fault-link.ts'
import { canSkip } from './browser.ts'
import { useStage } from './stage.ts'
import type { Visitor } from './visitor.ts'

describe.skipIf(canSkip)('what one says in the chat, until the server has it', { timeout: 60_000 }, () => {
  const stage = useStage()

  /** Somebody whose connection can be held up, and cut. */
  async function enterByLink(name: string) {
    const link = await openFaultLink(stage.chat.port)
    onTestFinished(() => link[Symbol.asyncDispose]())
    const visitor = await stage.enter(name, {}, `http://localhost:${link.port}`)
    return { link, visitor }
  }

  test('is there at once, and the same element in the same place once the server has told it', async () => {
    const { link, visitor: ada } = await enterByLink('Ada')
    await ada.say('Before')
    const seen = await watchTexts(ada.page)
    link.freeze()
    await write(ada, 'Held up')
    await outgoing(ada, 'Held up').waitFor()
    await expect.poll(() => ada.page.getByText('Sending …').evaluate(isInSight)).toBe(true)
    const element = await ada.page.locator('.message.outgoing').elementHandle()
    const before = await element.boundingBox()

    link.thaw()
    await ada.message('Held up').waitFor()
    expect(await element.boundingBox()).toEqual(before)
    expect(await element.getAttribute('class')).toBe('message own continued')
    expect(await seen()).toEqual(['Before, Held up'])
  })

  test('is in the order in which it was written, also beside what others say', async () => {
    const { link, visitor: ada } = await enterByLink('Ada')
    const grace = await stage.enter('Grace')
    await ada.say('Before')
    link.freeze('up')
    for (const text of ['One', 'Two', 'Three']) await write(ada, text)
    await grace.say('Between')
    await ada.message('Between').waitFor()
    expect(await ada.texts()).toEqual(['Before', 'Between', 'One', 'Two', 'Three'])
    const seen = await watchTexts(ada.page)
    link.thaw()
    for (const text of ['One', 'Two', 'Three']) await ada.message(text).waitFor()
    expect(await ada.texts()).toEqual(['Before', 'Between', 'One', 'Two', 'Three'])
    expect(await grace.texts()).toEqual(['Before', 'Between', 'One', 'Two', 'Three'])
    expect(await seen()).toEqual(['Before, Between, One, Two, Three'])
  })

  test('stays where the server refuses it, through other rooms, until it is sent again or discarded', async () => {
    const { link, visitor: ada } = await enterByLink('Ada')
    const grace = await stage.enter('Grace')
    link.freeze('up') // however long it takes to write them, they reach the server together
    for (let count = 1; count <= 7; count++) await write(ada, `Fast ${count}`)
    link.thaw()
    await expect.poll(() => ada.page.getByText('Not sent. That was too fast.').count()).toBe(2)
    await ada.message('Fast 5').waitFor()
    await grace.say('Slowly')
    await ada.message('Slowly').waitFor()
    await ada.goTo('Workshop')
    expect(await ada.texts()).toEqual([])
    await ada.goTo('Lobby')
    const said = ['Fast 1', 'Fast 2', 'Fast 3', 'Fast 4', 'Fast 5', 'Slowly']
    expect(await ada.texts()).toEqual([...said, 'Fast 6', 'Fast 7'])

    await failed(ada, 'Fast 6').getByRole('button', { name: 'Discard' }).click()
    expect(await ada.texts()).toEqual([...said, 'Fast 7'])
    await expect.poll(() => focusedId(ada.page)).toBe('text')
    await failed(ada, 'Fast 7').getByRole('button', { name: 'Send again' }).click()
    await grace.message('Fast 7').waitFor()
    await ada.message('Fast 7').waitFor()
    expect(await grace.texts()).toEqual([...said, 'Fast 7'])
    expect(await ada.page.getByText('Not sent').count()).toBe(0)
  })

  test('is said once where the answer was lost with the connection', async () => {
    const { link, visitor: ada } = await enterByLink('Ada')
    const grace = await stage.enter('Grace')
    link.freeze('down')
    await write(ada, 'Once')
    await grace.message('Once').waitFor()
    await outgoing(ada, 'Once').waitFor()
    link.refuse()
    link.cut()
    await ada.page.getByText('Waiting for the connection …').waitFor()
    link.thaw()
    link.accept()
    await ada.message('Once').waitFor()
    await ada.say('And on')
    await grace.message('And on').waitFor()
    for (const visitor of [ada, grace]) expect(await visitor.texts()).toEqual(['Once', 'And on'])
    ada.forgetFailedConnections()
  })

  test('waits where there is no connection, unless it is taken back', async () => {
    const { link, visitor: ada } = await enterByLink('Ada')
    const grace = await stage.enter('Grace')
    link.refuse()
    link.cut()
    await ada.status('Not connected').waitFor()
    for (const text of ['First', 'Second', 'Third']) await write(ada, text)
    await expect.poll(() => ada.page.getByText('Waiting for the connection …').count()).toBe(3)
    const second = ada.page.locator('.message.outgoing').filter({ hasText: 'Second' })
    await second.getByRole('button', { name: 'Discard' }).click()
    expect(await ada.texts()).toEqual(['First', 'Third'])
    link.accept()
    await grace.message('Third').waitFor()
    await ada.message('Third').waitFor()
    for (const visitor of [ada, grace]) expect(await visitor.texts()).toEqual(['First', 'Third'])
    ada.forgetFailedConnections()
  })
})

async function write({ composer }: Visitor, text: string): Promise<void> {
  await composer.fill(text)
  await composer.press('Enter')
}

const outgoing = ({ page }: Visitor, text: string) =>
  page.locator('.message.outgoing .text').getByText(text, { exact: true })

const failed = ({ page }: Visitor, text: string) => page.locator('.message.failed').filter({ hasText: text })

const focusedId = (page: Page) => page.evaluate(() => document.activeElement?.id)

/** Watches the log from now on, with each change of it. Returns how to read what different texts it has shown. */
async function watchTexts(page: Page): Promise<() => Promise<string[]>> {
  const seen = await page.evaluateHandle(() => {
    const shown = new Set<string>()
    const read = () => {
      const texts = Array.from(document.querySelectorAll('.message .text'), ({ textContent }) => textContent)
      shown.add(texts.join(', '))
    }
    new MutationObserver(read).observe(document.getElementById('log')!, { childList: true, subtree: true })
    return shown
  })
  return () => seen.evaluate((shown) => [...shown])
}

/** Neither hidden nor clipped away: it is what lies in its own middle. */
function isInSight(element: Element): boolean {
  const { x, y, width, height } = element.getBoundingClientRect()
  return document.elementFromPoint(x + width / 2, y + height / 2) === element
}
