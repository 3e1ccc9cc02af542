import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../fake-clock.ts'
import { turn } from '../turn.ts'
import { eventually, openSession, passing, sequence, setUp, type TransportSetup } from './transport-stage.ts'

const maxMessageBytes = 65_536

/** What a message may be at most, and what a peer may leave unread. */
export function limitTests(setup: TransportSetup): void {
  describe('limits', () => {
    test('a message of as many bytes as the server takes arrives; one more is refused where it is sent', async () => {
      const stage = await setUp(setup, { maxMessageBytes })
      await stage.client.connect()
      const overhead = '[[24,0,"note",0,""]]'.length
      const fitting = 'x'.repeat(maxMessageBytes - overhead)
      stage.client.emit.note(fitting)
      await eventually(() => stage.notes.length).toBe(1)
      expect(stage.notes).toEqual([fitting])
      expect(() => stage.client.emit.note(`${fitting}x`)).toThrow(expect.objectContaining({ code: 'TOO_LARGE' }))
      expect(() => stage.client.emit.note('€'.repeat(maxMessageBytes / 3))).toThrow(
        expect.objectContaining({ code: 'TOO_LARGE' }),
      )
      expect(await stage.client.call.echo('still there')).toBe('still there')
      expect(stage.statuses.filter(({ state }) => state === 'open')).toHaveLength(1)
      await stage.end()
    })

    test('many messages that each fit arrive where the server takes only small ones', async () => {
      const stage = await setUp(setup, { maxMessageBytes: 2_048 })
      await stage.client.connect()
      const texts = sequence(600).map((n) => String(n).padEnd(1_800, '.'))
      for (const text of texts) stage.client.emit.note(text)
      await eventually(() => stage.notes.length).toBe(600)
      expect(stage.notes).toEqual(texts)
      expect(stage.statuses.filter(({ state }) => state === 'open')).toHaveLength(1)
      await stage.end()
    })

    test('large messages go down', async () => {
      const stage = await setUp(setup)
      await stage.client.connect()
      const large = 'x'.repeat(1_000_000)
      stage.server.emit.news(large)
      stage.server.emit.news('small')
      await eventually(() => stage.news.length).toBe(2)
      expect(stage.news).toEqual([large, 'small'])
      await stage.end()
    })

    test('a reader that is slow without end loses its session at the bound, and others nothing', async () => {
      const stage = await setUp(setup, { maxBufferBytes: 262_144 })
      const session = await openSession(stage)
      const text = 'x'.repeat(16_384)
      stage.link.freeze('down')
      let emitted = 0
      const isKept = () => [...stage.server.sessions].some(({ id }) => id === session.id)
      for (; isKept() && emitted < 1_000; emitted++) {
        session.emit.news(text)
        await turn()
      }
      expect(emitted).toBeLessThanOrEqual(17)
      stage.link.thaw()
      const other = stage.connect()
      expect(await other.call.echo('not slow')).toBe('not slow')
      await other.close()
      // What had left is read, and then why it ended. Not by a cut: it could part the next session from its client.
      const sessionId = expect.not.stringContaining(session.id)
      await eventually(() => stage.client.status.current).toMatchObject({ state: 'open', sessionId, recovered: false })
      expect(stage.statuses).toContainEqual(expect.objectContaining({ reason: expect.stringContaining('OVERFLOW') }))
      expect(await stage.client.call.echo('again')).toBe('again')
      await stage.end()
    })

    test('a half-open link is found by the server in time', async () => {
      const clock = createFakeClock()
      // Where no session waits for its client, its end tells that the link was given up.
      const stage = await setUp(setup, {
        clock,
        heartbeat: { intervalMs: 1_000, timeoutMs: 500 },
        resume: { windowMs: 0 },
      })
      const session = await openSession(stage)
      for (let i = 0; i < 3; i++) {
        await clock.advance(1_000)
        await stage.client.call.echo('alive')
      }
      expect([...stage.server.sessions].map(({ id }) => id)).toEqual([session.id])
      for (let moment = 0; moment < 20; moment++) await passing() // where it polls, the next poll has come
      stage.link.freeze()
      await clock.advance(2_600) // interval + timeout + one slot of the wheel
      expect([...stage.server.sessions]).toEqual([])
      stage.link.thaw()
      await stage.end()
    })

    test('a half-open link is found by the client in time, and the session goes on', async () => {
      const clock = createFakeClock()
      const stage = await setUp(setup, { clock, heartbeat: { intervalMs: 1_000, timeoutMs: 500 } })
      const session = await openSession(stage)
      stage.link.freeze()
      stage.client.emit.up(1)
      session.emit.down(1)
      await clock.advance(2_600) // interval + timeout + one slot of the wheel
      expect(stage.statuses.map(({ state }) => state)).toContain('waiting')
      stage.link.thaw()
      stage.link.cut()
      await eventually(async () => {
        await clock.advance(10)
        return stage.client.status.current
      }).toMatchObject({ state: 'open', sessionId: session.id, recovered: true })
      await eventually(() => [stage.up, stage.down]).toEqual([[1], [1]])
      await stage.end()
    })
  })
}
