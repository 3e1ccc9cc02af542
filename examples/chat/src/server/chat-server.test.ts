import { createClient } from '@typewire/client'
import { expect, onTestFinished, test } from 'vitest'
import type { Chat } from '../contract.ts'
import { createChatServer } from './chat-server.ts'

async function enter(name: string) {
  const server = createChatServer()
  onTestFinished(() => server.close({ drainMs: 0 }))
  const { port } = await server.listen(0, { host: '127.0.0.1' })
  const client = createClient<Chat>({ url: `http://127.0.0.1:${port}`, auth: { name, key: 'x'.repeat(24) } })
  onTestFinished(() => client.close())
  return client
}

test('what is sent again by its id is said once, also when it is refused by then', async () => {
  const client = await enter('Ada')
  const heard: string[] = []
  const lobby = client.join.chat({ roomId: 'lobby' }, { presence: { isAway: false } })
  lobby.on.message(({ id, text }) => heard.push(`${id.split('.')[1]} ${text}`))
  await lobby.ready
  const send = (id: string, text: string) => client.try.send({ roomId: 'lobby', id: id.repeat(16), text })
  for (const id of ['a', 'b', 'c', 'd', 'e']) expect(await send(id, 'Once')).toMatchObject({ ok: true })
  expect(await send('f', 'Once')).toMatchObject({ ok: false, error: { code: 'TOO_FAST' } })
  expect(await send('a', 'Twice')).toMatchObject({ ok: true })
  expect(heard).toEqual(['a', 'b', 'c', 'd', 'e'].map((id) => `${id.repeat(16)} Once`))
})

test('members go by the name that they came in with, whatever a page says', async () => {
  const client = await enter('Ada')
  const lobby = client.join.chat({ roomId: 'lobby' }, { presence: { name: 'Grace', isAway: false } })
  const entries = () => lobby.presence.current.members.flatMap((member) => member.entries.map(({ data }) => data))
  await lobby.ready
  expect(entries()).toEqual([{ name: 'Ada', isAway: false }])
  await lobby.setPresence({ name: 'Grace', isAway: true })
  await client.call.openRoom({ name: 'Elsewhere' }) // its answer is behind what members were told
  expect(entries()).toEqual([{ name: 'Ada', isAway: true }])
})
