// Clients that send no more than they are let never have more unread at a server than may wait there (ST-3): uploads of all
// sizes, over a link that delays, to readers that come and go. The parts are the real ones; there is no network.

import { type Credit, type CreditFrame, Inlet, type ItemFrame, Outlet, Session } from '@typewire/core/internal'
import { createFakeClock, seededRandom } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { UploadRoom } from '../../packages/server/src/dispatch/upload-room.ts'

const maxBufferBytes = 500_000
const maxMessageBytes = 200_000

type Step = () => void

/** One upload, with its wire: what each side has sent and the other has not heard. */
function upload(room: UploadRoom, random: () => number, session: Session) {
  const share = room.share()
  const outlet = new Outlet(1, () => session, 0)
  const toServer: ItemFrame[] = []
  const toClient: CreditFrame[] = []
  let isOver = false
  let most = 200
  let [sent, read] = [0, 0]
  const inlet = new Inlet({
    credit: 0,
    grant(credit: Credit) {
      const length = share.take(credit)
      if (length !== undefined) toClient.push([22, 1, credit.upTo, credit.read, length])
      return length
    },
    read: () => read++,
    onUnread: (length) => (isOver ||= !room.onUnread(length)),
    onLeave: () => {},
    onForgotten: share.leave,
  })
  let isReading = false
  const steps: Step[] = [
    () => {
      if (random() < 0.02) most = 10 ** (1 + random() * 4.2) // they grow, or become small again
      while (random() < 0.9 && outlet.ready() === true) {
        const text = 'x'.repeat(Math.min(most, maxMessageBytes - 100) * random())
        outlet.send(outlet.frameOf(`,"${text}"`))
        toServer.push([20, 1, 0, text])
        sent++
      }
    },
    () => {
      for (const frame of toServer.splice(0, Math.ceil(random() * 10))) expect(inlet.push(frame)).toBeUndefined()
    },
    () => {
      for (const frame of toClient.splice(0, Math.ceil(random() * 2))) outlet.grant(frame)
    },
    () => {
      if (isReading) return
      isReading = true
      void inlet.next().then(() => (isReading = false))
    },
  ]
  return { steps, inlet, isOver: () => isOver, counts: () => [sent, read] as const }
}

describe('UploadRoom', () => {
  test.each(Array.from({ length: 20 }, (_, n) => n + 1))(
    'keeps what is unread within its bound (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      const session = new Session(
        { clock: createFakeClock(), maxBufferBytes: Number.POSITIVE_INFINITY },
        {
          onFrame: () => undefined,
          onControl: () => undefined,
          onOverflow: () => {},
        },
      )
      Object.defineProperty(session, 'hasMuchRoom', { value: true })
      const room = new UploadRoom({ maxBufferBytes, maxMessageBytes })
      const uploads = Array.from({ length: 12 }, () => upload(room, random, session))
      let most = 0
      for (let n = 0; n < 20_000; n++) {
        const { steps } = uploads[Math.floor(random() * uploads.length)]!
        steps[Math.floor(random() * steps.length)]!()
        most = Math.max(most, room.unread)
        if (n % 10 === 0) await Promise.resolve()
      }
      expect(most).toBeLessThanOrEqual(4 * maxBufferBytes)
      expect(uploads.some(({ isOver }) => isOver())).toBe(false)
      // None waits for ever.
      for (const { counts } of uploads) expect(counts()[1]).toBeGreaterThan(50)
      for (const { inlet } of uploads) void inlet.return()
      expect(room.unread).toBe(0)
    },
  )
})
