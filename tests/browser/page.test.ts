import { describe, expect, test } from 'vitest'
import { canSkip } from './browser.ts'
import { useStage } from './stage.ts'
import { Visitor } from './visitor.ts'

describe.skipIf(canSkip)("the chat's page", { timeout: 60_000 }, () => {
  const stage = useStage()

  test('shows what looks like markup as text', async () => {
    const markup = '<img src=x onerror="document.title=\'hit\'"><script>alert(1)</script>'
    const ada = await stage.enter('<b>Ada</b>')
    const grace = await stage.enter('Grace')
    await ada.openRoom('<i>Room</i>')
    await grace.goTo('<i>Room</i>')
    await ada.say(markup)
    await grace.message(markup).waitFor()
    await grace.page.locator('.author').getByText('<b>Ada</b>', { exact: true }).waitFor()
    expect(await grace.page.locator('main b, main i, main img, main script').count()).toBe(0)
    expect(await grace.page.title()).not.toContain('hit')
  })

  test('keeps line breaks and texts of either direction', async () => {
    const ada = await stage.enter('Ada')
    await ada.composer.fill('שלום\nעולם')
    await ada.composer.press('Enter')
    const text = ada.page.locator('.message:not(.outgoing) .text')
    expect(await text.evaluate((element) => [element.textContent, getComputedStyle(element).direction])).toEqual([
      'שלום\nעולם',
      'rtl',
    ])
  })

  test('works by keyboard alone', async () => {
    const grace = await stage.enter('Grace')
    const { page } = await stage.arrive('Ada')
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement!
        return `${element.localName} ${element.id || element.textContent?.trim()}`
      })
    const isFocusSeen = () => page.evaluate(() => getComputedStyle(document.activeElement!).outlineStyle !== 'none')

    expect(await focused()).toBe('input name')
    await page.keyboard.type('Ada')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Lobby' }).waitFor()
    await expect.poll(focused).toBe('textarea text')
    await page.keyboard.type('One')
    await page.keyboard.press('Shift+Enter')
    await page.keyboard.type('Two')
    await page.keyboard.press('Enter')
    await grace.message('One\nTwo').waitFor()

    // Back through the page: the log, which can be scrolled by keys, then the sidebar from its end to its beginning.
    await page.getByRole('link', { name: 'Workshop' }).waitFor()
    const passed: unknown[] = []
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press('Shift+Tab')
      passed.push([await focused(), await isFocusSeen()])
    }
    expect(passed).toEqual([
      ['div log', true],
      ['button sign-out', true],
      ['button Open', true],
      ['input new-room-name', true],
      ['a Tea kitchen', true],
      ['a Workshop', true],
    ])
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Workshop' }).waitFor()
    await expect.poll(focused).toBe('textarea text')
  })

  test('says so when a name is taken, empty or too long', async () => {
    const ada = await stage.enter('Ada')
    const { page } = await stage.arrive('ada')
    const error = page.getByRole('alert')
    const comeInAs = async (name: string) => {
      await page.getByLabel('Name').fill(name)
      await page.getByLabel('Name').press('Enter')
    }
    await comeInAs('  ')
    await error.getByText('Give a name').waitFor()
    await comeInAs('x'.repeat(25))
    await error.getByText('1 too many').waitFor()
    await comeInAs('ada')
    await error.getByText('Somebody here goes by that name already').waitFor()
    expect(await page.getByLabel('Name').getAttribute('aria-invalid')).toBe('true')

    // The name is free again once its owner has left.
    const grace = await stage.enter('Grace')
    await ada.page.getByRole('button', { name: 'Leave' }).click()
    await ada.page.getByRole('heading', { name: 'What shall people call you?' }).waitFor()
    await grace.page.getByText('Here now (1)').waitFor()
    await comeInAs('ada')
    await page.getByRole('heading', { level: 1, name: 'Lobby' }).waitFor()
  })

  test('takes two tabs of one browser for two people', async () => {
    const ada = await stage.enter('Ada')
    const grace = new Visitor(await ada.page.context().newPage(), 'Grace')
    await grace.page.goto(ada.page.url())
    await grace.signIn()
    await grace.say('From the next tab')
    await ada.message('From the next tab').waitFor()
    expect(await ada.page.locator('.message.own').count()).toBe(0)
  })

  test('says what is too long, and what was too fast', async () => {
    const ada = await stage.enter('Ada')
    await ada.composer.fill('x'.repeat(2_001))
    await ada.page.getByText('Too long to be sent.').waitFor()
    await ada.page.getByText('1 of 2,000 characters too many').waitFor()
    await ada.composer.press('Enter')
    expect(await ada.page.locator('.message').count()).toBe(0)

    for (let count = 1; count <= 6; count++) {
      await ada.composer.fill(`Fast ${count}`)
      await ada.composer.press('Enter')
    }
    await ada.page.getByText('Not sent. That was too fast.').waitFor()
    await ada.page.getByRole('button', { name: 'Send again' }).click()
    await ada.message('Fast 6').waitFor()
    expect(await ada.texts()).toEqual([1, 2, 3, 4, 5, 6].map((count) => `Fast ${count}`))
  })

  test('tells of new messages below when one reads above', async () => {
    const ada = await stage.enter('Ada', { viewport: { width: 390, height: 500 } })
    const grace = await stage.enter('Grace')
    await ada.say(Array.from({ length: 40 }, (_, line) => `Line ${line}`).join('\n'))
    await ada.page.locator('#log').evaluate((log) => log.scrollTo(0, 0))
    await grace.say('Below')
    await ada.page.getByRole('button', { name: 'New messages below' }).click()
    await expect.poll(() => ada.message('Below').boundingBox()).toMatchObject({ y: expect.toSatisfy((y) => y < 400) })
    expect(await ada.page.getByRole('button', { name: 'New messages below' }).isVisible()).toBe(false)
  })
})
