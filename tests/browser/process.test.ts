import { connect } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BuiltChat, buildChat } from './built-chat.ts'
import { runChat, startChat } from './chat-process.ts'

// The chat as `npm start` runs it. No browser is needed.
describe('the process of the chat', { timeout: 60_000 }, () => {
  let built: BuiltChat
  beforeAll(async () => {
    built = await buildChat()
  })
  afterAll(() => built[Symbol.asyncDispose]())

  test('says where it is, serves the page, and ends with 0 when it is told to', async () => {
    const chat = await startChat(built)
    const page = await fetch(chat.url)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<title>Typewire chat</title>')])
    // A connection that its client keeps open, as browsers do, does not hold it up.
    const idle = connect(chat.port, 'localhost')
    await once(idle, 'connect')
    expect(await chat.stop()).toBe(0)
    idle.destroy()
  })

  test('says which port is in use, and ends with 1', async () => {
    const chat = await startChat(built)
    const { code, errors } = await runChat(built, String(chat.port))
    await chat.kill()
    expect([code, errors]).toEqual([1, expect.stringMatching(`^Port ${chat.port} is in use. .*PORT=.* npm start\n$`)])
  })

  test.for(['here', '-1', '65536', '1.5'])('refuses PORT=%s', async (port) => {
    expect(await runChat(built, port)).toEqual({ code: 1, errors: `PORT=${port} is not a port.\n` })
  })
})
