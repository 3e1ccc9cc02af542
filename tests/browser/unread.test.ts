import { describe, expect, onTestFinished, test } from 'vitest'
import { openFaultLink } from '../../packages/testkit/src/fault-link.ts'
import { canSkip, launchTabbedBrowser } from './browser.ts'
import { sayMany } from './say-many.ts'
import { useStage } from './stage.ts'
import { Visitor } from './visitor.ts'

/** A browser beside others on a busy machine takes its time. */
const patient = { timeout: 15_000 }

describe.skipIf(canSkip)('who is here, what was said, and what is new, in the chat', { timeout: 60_000 }, () => {
  const stage = useStage()

  test('members are those of the room, and away while they look elsewhere', async () => {
    const ada = await stage.enter('Ada')
    const grace = await stage.enter('Grace')
    await expect.poll(() => ada.here(), patient).toEqual(['Ada you', 'Grace'])
    await grace.goTo('Workshop')
    await expect.poll(() => ada.here(), patient).toEqual(['Ada you', 'Grace away'])
    await expect.poll(() => grace.here(), patient).toEqual(['Grace you'])
    await grace.goTo('Lobby')
    await expect.poll(() => ada.here(), patient).toEqual(['Ada you', 'Grace'])
  })

  test('who comes in has the last messages, and earlier ones by a button, from where one reads', async () => {
    await sayMany(stage.chat.url, 65)
    const ada = await stage.enter('Ada')
    await ada.message('Message 65').waitFor()
    expect((await ada.texts()).length).toBe(50)
    expect(await ada.page.title()).toBe('Lobby · Typewire chat')

    const log = ada.page.locator('#log')
    await log.evaluate((element) => element.scrollTo(0, 0))
    const first = ada.message('Message 16')
    const before = await first.boundingBox()
    await ada.page.getByRole('button', { name: 'Earlier messages' }).click()
    await ada.message('Message 1').waitFor()
    expect(await ada.texts()).toEqual(Array.from({ length: 65 }, (_, index) => `Message ${index + 1}`))
    expect(await ada.page.getByRole('button', { name: 'Earlier messages' }).count()).toBe(0)
    expect(Math.abs((await first.boundingBox())!.y - before!.y)).toBeLessThan(2)
  })

  test('what was said while the connection was lost is new, until somebody stirs', async () => {
    const link = await openFaultLink(stage.chat.port)
    onTestFinished(() => link[Symbol.asyncDispose]())
    const ada = await stage.enter('Ada', {}, `http://localhost:${link.port}`)
    const grace = await stage.enter('Grace')
    await grace.say('Before')
    await ada.message('Before').waitFor()

    link.refuse()
    link.cut()
    await ada.status('Not connected').waitFor()
    for (const text of ['One', 'Two', 'Three']) await grace.say(text)
    link.accept()
    await ada.page.getByText('3 new messages', { exact: true }).waitFor()
    expect(await ada.lines()).toEqual(['Before', '3 new messages', 'One', 'Two', 'Three'])
    expect(await ada.page.title()).toBe('(3) Lobby · Typewire chat')

    const titleOnceStirred = async () => {
      await ada.page.mouse.move(400, 300)
      return ada.page.title()
    }
    await expect.poll(titleOnceStirred, patient).toBe('Lobby · Typewire chat')
    await grace.say('Four')
    await ada.message('Four').waitFor()
    expect(await ada.lines()).toEqual(['Before', '3 new messages', 'One', 'Two', 'Three', 'Four'])
    expect(await ada.page.title()).toBe('Lobby · Typewire chat')
    await ada.say('Now I know')
    expect(await ada.lines()).toEqual(['Before', 'One', 'Two', 'Three', 'Four', 'Now I know'])
    expect(await ada.page.getByText('Messages are missing here').count()).toBe(0)
    ada.forgetFailedConnections()
  })

  test('what was said while the tab was behind another one is new, until it is in front', async () => {
    const browser = await launchTabbedBrowser()
    onTestFinished(() => browser[Symbol.asyncDispose]())
    const enter = async (name: string) => {
      const visitor = new Visitor(await browser.context.newPage(), name)
      await visitor.page.goto(stage.chat.url)
      await visitor.signIn()
      return visitor
    }
    const ada = await enter('Ada')
    const grace = await enter('Grace') // in front from here on
    await expect.poll(() => grace.here(), patient).toEqual(['Ada away', 'Grace you'])
    await grace.say('One')
    await grace.say('Two')
    await expect.poll(() => ada.page.title(), patient).toBe('(2) Lobby · Typewire chat')
    expect(await ada.lines()).toEqual(['2 new messages', 'One', 'Two'])

    await ada.page.bringToFront()
    await expect.poll(() => ada.page.title(), patient).toBe('Lobby · Typewire chat')
    expect(await ada.lines()).toEqual(['2 new messages', 'One', 'Two'])
    await expect.poll(() => ada.here(), patient).toEqual(['Ada you', 'Grace away'])
    for (const visitor of [ada, grace]) visitor.assertNoProblems()
  })

  test('where the server has forgotten what was said, the page says so, and shows what there is', async () => {
    const ada = await stage.enter('Ada')
    const grace = await stage.enter('Grace')
    await grace.say('Soon forgotten')
    await ada.message('Soon forgotten').waitFor()
    await stage.chat.kill()
    await stage.restart()
    await ada.page.getByText('Messages are missing here').waitFor()
    await grace.page.getByText('Messages are missing here').waitFor()
    expect(await ada.texts()).toEqual([])
    expect(await ada.page.getByText('Nothing has been said here yet').isVisible()).toBe(false)
    await expect.poll(() => ada.here(), patient).toEqual(['Ada you', 'Grace'])
    await grace.say('From here on')
    await ada.message('From here on').waitFor()
    expect(await ada.texts()).toEqual(['From here on'])
    for (const visitor of [ada, grace]) visitor.forgetFailedConnections()
  })
})
