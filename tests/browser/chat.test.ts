import { describe, expect, onTestFinished, test } from 'vitest'
import { openDifficultProxy, type UpgradeMood } from '../../packages/testkit/src/proxies-difficult.ts'
import { canSkip } from './browser.ts'
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
