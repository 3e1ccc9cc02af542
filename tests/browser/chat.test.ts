import { describe, expect, onTestFinished, test } from 'vitest'
import { openFaultLink } from '../../packages/testkit/src/fault-link.ts'
import type { Fault } from '../../packages/testkit/src/frame-faults.ts'
import { openFrameFaultLink } from '../../packages/testkit/src/frame-fault-link.ts'
import { openDifficultProxy, type UpgradeMood } from '../../packages/testkit/src/proxies-difficult.ts'
import { canSkip } from './browser.ts'
import { slowDown } from './slow-network.ts'
import { useStage } from './stage.ts'

// A browser, a server process and a reconnect with jitter take their time on a busy machine.
describe.skipIf(canSkip)('the chat in two browser tabs', { timeout: 60_000 }, () => {
  const stage = useStage()

  test('two people talk, and each sees the other type', async () => {
    const ada = await stage.enter('Ada')
    const grace = await stage.enter('Grace')

    await ada.composer.pressSequentially('Hello')
    await grace.page.getByText('Ada is typing …').waitFor()
    await ada.composer.press('Enter')
    await grace.message('Hello').waitFor()
    await grace.page.getByText('Ada is typing …').waitFor({ state: 'detached' })

    await grace.say('Hello yourself')
    await ada.message('Hello yourself').waitFor()
    expect(await ada.texts()).toEqual(['Hello', 'Hello yourself'])
    expect(await grace.texts()).toEqual(['Hello', 'Hello yourself'])
    const people = ada.page.getByRole('region', { name: 'Here now (2)' }).getByRole('listitem')
    expect(await people.allTextContents()).toEqual([expect.stringContaining('Ada'), expect.stringContaining('Grace')])
  })

  test.for<{ by: string; upgrades: UpgradeMood; isBuffering: boolean; says: string }>([
    { by: 'a stream', upgrades: 'hang', isBuffering: false, says: 'HTTP stream' },
    { by: 'long-poll', upgrades: 403, isBuffering: true, says: 'Long-polling' },
  ])('where no WebSocket comes through, one talks by $by', async (mood) => {
    const proxy = await openDifficultProxy(stage.chat.port, mood)
    onTestFinished(() => proxy[Symbol.asyncDispose]())
    const ada = await stage.enter('Ada', {}, `http://localhost:${proxy.port}`)
    const grace = await stage.enter('Grace')
    await ada.status(mood.says).waitFor()
    await grace.status('WebSocket').waitFor()
    await ada.say('By HTTP')
    await grace.message('By HTTP').waitFor()
    await grace.composer.pressSequentially('By')
    await ada.page.getByText('Grace is typing …').waitFor()
    await grace.say('By WebSocket')
    await ada.message('By WebSocket').waitFor()
    expect(await ada.texts()).toEqual(['By HTTP', 'By WebSocket'])
    ada.forgetFailedConnections()
  })

  test('whose page has gone while they typed is not said to type for ever', async () => {
    const grace = await stage.arrive('Grace')
    await grace.page.clock.install()
    await grace.signIn()
    const ada = await stage.enter('Ada')
    await ada.composer.pressSequentially('Hel')
    await grace.page.getByText('Ada is typing …').waitFor()
    await ada.page.context().close() // it has no time to say that it stops
    await grace.page.clock.fastForward(7_000)
    await expect.poll(() => grace.page.getByText('Ada is typing …').count()).toBe(0)
  })

  test('who is offline for a while misses nothing, and what they write is said once', async () => {
    const link = await openFaultLink(stage.chat.port)
    onTestFinished(() => link[Symbol.asyncDispose]())
    const ada = await stage.enter('Ada', {}, `http://localhost:${link.port}`)
    const grace = await stage.enter('Grace')
    await ada.say('Before')

    // Chromium's emulation leaves an open WebSocket be; where there is no network it ends.
    link.refuse()
    link.cut()
    await ada.page.context().setOffline(true)
    await ada.status('Not connected').waitFor()
    await ada.composer.fill('From the tunnel')
    await ada.composer.press('Enter')
    await ada.page.getByText('Waiting for the connection …').waitFor()
    await grace.say('Meanwhile')
    expect(await ada.texts()).toEqual(['Before', 'From the tunnel'])

    link.accept()
    await ada.page.context().setOffline(false)
    await ada.status('Connected').waitFor()
    await ada.message('From the tunnel').waitFor()
    await grace.message('From the tunnel').waitFor()
    const said = ['Before', 'Meanwhile', 'From the tunnel']
    expect([await ada.texts(), await grace.texts()]).toEqual([said, said])
    expect(await ada.page.getByText('Messages are missing here').count()).toBe(0)
    ada.forgetFailedConnections()
  })

  test('on a slow network the page says soon what it is, and one talks as it comes', async () => {
    // What goes by WebSocket, the emulation does not reach: each message takes so long.
    const link = await openFrameFaultLink(stage.chat.port, async ({ kind }): Promise<Fault> => {
      if (kind === 'message') await new Promise((resolve) => setTimeout(resolve, 300))
      return 'pass'
    })
    onTestFinished(() => link[Symbol.asyncDispose]())
    const ada = await stage.arrive('Ada', {}, 'about:blank')
    await slowDown(ada.page)
    await ada.page.goto(`http://localhost:${link.port}`, { waitUntil: 'commit' })
    await ada.page.getByText('Loading …').waitFor()
    expect(await ada.page.getByLabel('Name').count()).toBe(0)
    await ada.signIn()
    await ada.untilIn('Lobby')
    const grace = await stage.enter('Grace')
    for (const text of ['One', 'Two']) {
      await ada.composer.fill(text)
      await ada.composer.press('Enter')
    }
    await ada.page.getByText('Sending …').first().waitFor()
    expect(await ada.texts()).toEqual(['One', 'Two'])
    await grace.message('Two').waitFor()
    await grace.say('Three')
    await ada.message('Three').waitFor()
    await ada.message('Two').waitFor()
    const said = ['One', 'Two', 'Three']
    expect([await ada.texts(), await grace.texts()]).toEqual([said, said])
    ada.forgetFailedConnections()
  })

  test('a room that one opens is there for the other, and its messages stay in it', async () => {
    const ada = await stage.enter('Ada')
    const grace = await stage.enter('Grace')
    await ada.openRoom('Wire room')
    await grace.goTo('Wire room')
    await ada.say('Only here')
    await grace.message('Only here').waitFor()

    await grace.goTo('Lobby')
    expect(await grace.texts()).toEqual([])
    await ada.say('News')
    await grace.roomLink(/Wire room 1 unread/).click()
    await grace.message('News').waitFor()
    expect(await grace.texts()).toEqual(['Only here', 'News'])
    await grace.page.goBack()
    await grace.untilIn('Lobby')
  })

  test('each room keeps what was begun to be written in it', async () => {
    const ada = await stage.enter('Ada')
    await ada.composer.fill('Half a thought')
    await ada.goTo('Workshop')
    expect(await ada.composer.inputValue()).toBe('')
    await ada.goTo('Lobby')
    expect(await ada.composer.inputValue()).toBe('Half a thought')
  })

  test('a reload keeps the name and the room, and shows what was said', async () => {
    const ada = await stage.enter('Ada')
    await ada.goTo('Workshop')
    await ada.say('Before the reload')
    await ada.page.reload()
    await ada.untilIn('Workshop')
    await ada.message('Before the reload').waitFor()
    expect(await ada.page.locator('.message.own').count()).toBe(1)
    expect(await ada.page.locator('#my-name').textContent()).toBe('Ada')
  })

  test('who comes in later sees what was said before', async () => {
    const ada = await stage.enter('Ada')
    await ada.say('First')
    await ada.say('Second')
    const grace = await stage.enter('Grace')
    await grace.message('Second').waitFor()
    expect(await grace.texts()).toEqual(['First', 'Second'])
  })

  test.for(['stop', 'kill'] as const)('a restart of the server (%s) is shown, and rooms go on', async (ending) => {
    const ada = await stage.enter('Ada')
    const grace = await stage.enter('Grace')
    await ada.say('Before')
    await grace.message('Before').waitFor()

    await stage.chat[ending]()
    await ada.status('Not connected').waitFor()
    await ada.page.getByText(/Trying again in \d+ s/).waitFor()
    await ada.composer.fill('Written while it was away')
    await ada.composer.press('Enter')
    await ada.page.getByText('Waiting for the connection …').waitFor()

    await stage.restart()
    await ada.status('Connected').waitFor()
    await grace.status('Connected').waitFor()
    await grace.message('Written while it was away').waitFor()
    await grace.say('And back')
    await ada.message('And back').waitFor()
    expect(await ada.page.locator('.outgoing').count()).toBe(0)
    // What the server kept in memory is gone, and the page does not pretend otherwise.
    expect(await grace.texts()).toEqual(['Written while it was away', 'And back'])
    ada.forgetFailedConnections()
    grace.forgetFailedConnections()
  })

  test('one need not wait for the next attempt', async () => {
    const ada = await stage.arrive('Ada')
    const { clock } = ada.page
    await clock.install()
    await ada.signIn()
    await stage.chat.kill()
    const tryNow = ada.page.getByRole('button', { name: 'Try now' })
    await tryNow.waitFor()
    // From here on no time passes in the page: it does not try by itself.
    await clock.pauseAt((await ada.page.evaluate(() => Date.now())) + 1_000)
    await stage.restart()
    await tryNow.click()
    await ada.status('Connected').waitFor()
    expect(await tryNow.isVisible()).toBe(false)
    ada.forgetFailedConnections()
  })

  test('a room that a restart has forgotten can be opened again', async () => {
    const ada = await stage.enter('Ada')
    await ada.openRoom('Short-lived')
    await ada.say('Soon forgotten')
    await stage.chat.stop()
    await stage.restart()
    await ada.page.getByRole('heading', { name: /There is no room/ }).waitFor()
    await ada.page.getByRole('button', { name: 'Open it' }).click()
    await ada.page.getByText('Nothing has been said here yet').waitFor()
    await ada.say('Here again')
    expect(await ada.texts()).toEqual(['Here again'])
    ada.forgetFailedConnections()
  })
})
