import { randomUUID } from 'node:crypto'
import { createClient } from '@typewire/client'
import type { Chat } from '../../examples/chat/src/contract.ts'

/** How much one may say at once. */
const atOnce = 5

/** Says `Message 1` and so on in the lobby, by as many people as it takes. */
export async function sayMany(url: string, count: number): Promise<void> {
  for (let said = 0; said < count;) {
    const name = `Speaker ${said / atOnce + 1}`
    await using client = createClient<Chat>({ url, auth: { name, key: `${name} has a key of its own` } })
    for (const end = Math.min(said + atOnce, count); said < end;) {
      await client.call.send({ roomId: 'lobby', id: randomUUID(), text: `Message ${++said}` })
    }
  }
}
