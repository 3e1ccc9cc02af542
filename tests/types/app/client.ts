import { createClient } from '@typewire/client'
import { isErrorOf } from '@typewire/core'
import type { Chat } from './contract.ts'
import { render, token } from './domain.ts'

export const client = createClient<Chat>({ url: 'http://localhost:3000', auth: () => ({ token }) })

const message = await client.call.send({ roomId: '42', text: 'hi' }, { timeoutMs: 5_000 })
message.sentAt.getTime()
await client.call.ping()
await client.call.importAll({ roomId: '42', items: [message] })

for await (const each of client.stream.exportAll({ roomId: '42' })) render(each)
for await (const tick of client.stream.ticks()) tick.toFixed()
for await (const length of client.stream.talk(['a', 'b'])) length.toFixed()

client.emit.seen({ id: message.id })
client.emit.bye()
await client.emitWithAck.seen({ id: message.id })
const { version } = await client.emitWithAck.saved({ version: 1 })
version.toFixed()

using _notices = client.on.notice((notice) => ({ seen: notice.text !== '' }))
const counts: number[] = []
client.on.count(({ members }) => counts.push(members), { once: true })

const chatRoom = client.join.chat({ roomId: '42' })
await chatRoom.ready
chatRoom.on.message((each) => render(each))
chatRoom.emit.typing()
chatRoom.leave()

try {
  await client.call.send({ roomId: '42', text: '' })
} catch (error) {
  if (isErrorOf(client.call.send, error) && error.code === 'MUTED') error.data.untilMs.toFixed()
}

const result = await client.try.send({ roomId: '42', text: 'hi' })
if (result.ok) render(result.data)
else if (result.error.code === 'MUTED') result.error.data.untilMs.toFixed()
