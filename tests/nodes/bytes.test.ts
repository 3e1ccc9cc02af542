// Bytes of payloads between nodes: out with a room's event, and back with its acks.

import { createClient } from '@typewire/client'
import { defineContract, event, room } from '@typewire/core'
import { createServer } from '@typewire/server'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { brokers } from './stage.ts'

failOnUnhandledRejections()

const Bytes = z.instanceof(Uint8Array)
const contract = defineContract({
  rooms: {
    hall: room({
      events: { toClient: { sign: event(Bytes, { ack: z.object({ signed: Bytes, again: Bytes, file: z.file() }) }) } },
    }),
  },
})

describe.each(brokers)('%s', (_, create) => {
  test('bytes come to the members of all nodes, and those of their acks come back', async () => {
    const broker = create()
    const servers = [1, 2].map(() => createServer(contract, { broker, resume: { windowMs: 0 } }))
    const clients: { close(): Promise<void> }[] = []
    onTestFinished(async () => {
      await Promise.all(clients.map((client) => client.close()))
      await Promise.all(servers.map((server) => server.close({ drainMs: 0 })))
    })
    const large = new Uint8Array(100_000).map((__, i) => i % 256)
    for (const [index, server] of servers.entries()) {
      const listening = server.implement({ rooms: { hall: { authorize: () => true } } })
      const { port } = await listening.listen(0, { host: '127.0.0.1' })
      const client = createClient<typeof contract>({ url: `http://127.0.0.1:${port}` })
      clients.push(client)
      const hall = client.join.hall()
      hall.on.sign((bytes) => ({
        signed: Uint8Array.of(index, ...bytes),
        again: large,
        file: new File([bytes], `${index}.bin`, { lastModified: index }),
      }))
      await hall.ready
    }
    const acks = await servers[0]!.rooms.hall().emitWithAck.sign(Uint8Array.of(255, 0, 10))
    const data = await Promise.all(
      acks.map(async (ack) => {
        if (ack.status !== 'acked') return ack
        const { file, ...others } = ack.data
        return { ...others, file: [file.name, file.lastModified, ...new Uint8Array(await file.arrayBuffer())] }
      }),
    )
    expect(data).toHaveLength(2)
    for (const index of [0, 1]) {
      const file = [`${index}.bin`, index, 255, 0, 10]
      expect(data).toContainEqual({ signed: Uint8Array.of(index, 255, 0, 10), again: large, file })
    }
  })
})
