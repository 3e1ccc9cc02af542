import { randomUUID } from 'node:crypto'
import { frames } from '@typewire/core/internal'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** A longer message has one frame, an event (WR-2). */
const shortLength = 1_000

/**
 * Lets a member in that reads and acknowledges at once, by WebSocket. Of each event it takes the number alone that it says
 * first: where a hundred clients read gigabytes, their parsing is most of what a test spends. Resolves when it is welcomed.
 */
export async function quickReader(url: string, onEvent: (value: number) => void): Promise<void> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/typewire`, { perMessageDeflate: false })
  onTestFinished(() => socket.terminate())
  let received = 0
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.on('open', () => {
      const hello = { versions: [1, 1], attempt: 1, instance: randomUUID(), window: 4_194_304 }
      socket.send(JSON.stringify([[frames.hello.kind, hello]]))
    })
    socket.on('message', (data: Buffer) => {
      const isShort = data.length < shortLength
      const kinds = isShort
        ? (JSON.parse(data.toString()) as readonly (readonly [number])[]).map(([kind]) => kind)
        : [Number(data.toString('latin1', 2, 4))]
      if (kinds.includes(frames.welcome.kind)) resolve()
      if (!isShort) onEvent(Number(numberOf.exec(data.toString('latin1', 0, 100))?.[1]))
      const counted = kinds.filter((kind) => kind >= 16).length
      if (counted > 0) socket.send(JSON.stringify([[frames.ack.kind, (received += counted)]]))
    })
  })
}

/** In `[[25,0,1,"note",0,"7 …"]]`, and in `[[25,0,1,"price",0,{"symbol":"b","price":7,…}]]`. */
const numberOf = /,0,(?:"|\{"symbol":"\w","price":)(\d+)/
