import { createClient } from '@typewire/client'
import { expect, onTestFinished, test } from 'vitest'
import type { Chat } from '../contract.ts'
import { createChatServer } from './chat-server.ts'

test('members go by the name that they came in with, whatever a page says', async () => {
  const server = createChatServer()
  onTestFinished(() => server.close({ drainMs: 0 }))
  const { port } = await server.listen(0, { host: '127.0.0.1' })
  const auth = { name: 'Ada', key: 'x'.repeat(24) }
  const client = createClient<Chat>({ url: `http://127.0.0.1:${port}`, auth })
  onTestFinished(() => client.close())
  const lobby = client.join.chat({ roomId: 'lobby' }, { presence: { name: 'Grace', isAway: false } })
  const entries = () => lobby.presence.current.members.flatMap((member) => member.entries.map(({ data }) => data))
  await lobby.ready
  expect(entries()).toEqual([{ name: 'Ada', isAway: false }])
  await lobby.setPresence({ name: 'Grace', isAway: true })
  await client.call.openRoom({ name: 'Elsewhere' }) // its answer is behind what members were told
  expect(entries()).toEqual([{ name: 'Ada', isAway: true }])
})
