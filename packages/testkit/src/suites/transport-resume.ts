import { describe, expect, test } from 'vitest'
import { drop, eventually, failureOf, openSession, sequence, setUp, type TransportSetup } from './transport-stage.ts'

/** Links that end in the middle, and what comes after. */
export function resumeTests(setup: TransportSetup): void {
  describe('resume', () => {
    test.each(['up', 'down'] as const)('messages cut in the middle on the way %s arrive once', async (direction) => {
      const stage = await setUp(setup)
      const session = await openSession(stage)
      const calls: Promise<string>[] = []
      for (const n of sequence(40)) {
        // Somewhere else each time: in headers, in lengths, in texts.
        stage.link.cutAfter(direction, 1 + ((n * 7_919) % 9_000))
        for (const i of sequence(5, n * 5)) {
          const text = `${i}:`.padEnd(1_500, '·')
          calls.push(stage.client.call.echo(text))
          stage.client.emit.up(i)
          session.emit.down(i)
          session.emit.news(text)
        }
        await Promise.all(calls)
      }
      stage.link.cutAfter(direction, Number.POSITIVE_INFINITY)
      await stage.client.emitWithAck.ask(0)
      await eventually(() => stage.news.length).toBe(200)
      const texts = sequence(200).map((i) => `${i}:`.padEnd(1_500, '·'))
      expect(stage.echoed).toEqual(texts)
      expect(stage.up).toEqual(sequence(200))
      expect(stage.down).toEqual(sequence(200))
      expect(stage.news).toEqual(texts)
      expect(stage.link.count()).toBeGreaterThan(10)
      expect(new Set(openings(stage.statuses).map(({ sessionId }) => sessionId))).toEqual(new Set([session.id]))
      await stage.end()
    })

    test('what is sent while the network is away arrives, in order and once', async () => {
      const stage = await setUp(setup)
      const session = await openSession(stage)
      const before = stage.client.call.wait('before')
      await eventually(() => stage.waiting).toEqual(['before'])
      const during: Promise<string>[] = []
      await drop(stage, () => {
        for (const n of sequence(100)) {
          stage.client.emit.up(n)
          session.emit.down(n)
        }
        during.push(stage.client.call.echo('during'))
        stage.release()
      })
      expect(await Promise.all([before, ...during])).toEqual(['before', 'during'])
      await eventually(() => stage.down.length).toBe(100)
      expect(stage.up).toEqual(sequence(100))
      expect(stage.down).toEqual(sequence(100))
      expect(stage.waiting).toEqual(['before'])
      expect(stage.client.status.current).toMatchObject({ sessionId: session.id, recovered: true })
      await stage.end()
    })

    test('a member of a room stays one through a drop', async () => {
      const stage = await setUp(setup)
      const said: string[] = []
      const hall = stage.client.join.hall({ id: '1' })
      hall.on.said((text) => void said.push(text))
      await hall.ready
      await drop(stage, () => stage.server.rooms.hall({ id: '1' }).emit.said('meanwhile'))
      await eventually(() => said.length).toBe(1)
      expect(said).toEqual(['meanwhile'])
      await stage.end()
    })

    test('the server has forgotten the session: what was seen rejects, what was not runs once, rooms are joined again', async () => {
      // The server may learn by its heartbeats alone that the client is away.
      const heartbeat = { intervalMs: 300, timeoutMs: 300 }
      const stage = await setUp(setup, { resume: { maxPerAddress: 0 }, heartbeat })
      const session = await openSession(stage)
      const said: string[] = []
      const hall = stage.client.join.hall({ id: '1' })
      hall.on.said((text) => void said.push(text))
      await hall.ready
      const seen = failureOf(stage.client.call.wait('seen'))
      await eventually(() => stage.waiting).toEqual(['seen'])
      const unseen: Promise<string>[] = []
      await drop(stage, async () => {
        unseen.push(stage.client.call.echo('unseen'))
        await eventually(() => [...stage.server.sessions].length).toBe(0)
      })
      expect(await seen).toMatchObject({ code: 'SESSION_LOST', outcome: 'unknown' })
      expect(await Promise.all(unseen)).toEqual(['unseen'])
      expect(stage.echoed).toEqual(['unseen'])
      expect(stage.waiting).toEqual(['seen'])
      expect(stage.client.status.current).toMatchObject({ state: 'open', recovered: false })
      expect(stage.client.status.current).not.toMatchObject({ sessionId: session.id })
      await eventually(() => {
        stage.server.rooms.hall({ id: '1' }).emit.said('again')
        return said.length
      }).toBeGreaterThan(0)
      await stage.end()
    })

    test('another identity gets another session, and nothing of the one before', async () => {
      const stage = await setUp(setup)
      const session = await openSession(stage)
      stage.user = 'eve'
      await drop(stage, () => session.emit.down(1))
      await eventually(() => stage.client.status.current).toMatchObject({ state: 'open', recovered: false })
      const [mine] = [...stage.server.sessions].filter(({ identity }) => identity === 'eve')
      expect(mine?.id).not.toBe(session.id)
      mine!.emit.down(2)
      await eventually(() => stage.down).toEqual([2])
      await stage.end()
    })
  })
}

type Open<Status> = Extract<Status, { readonly state: 'open' }>

function openings<Status extends { readonly state: string }>(statuses: readonly Status[]): Open<Status>[] {
  return statuses.filter(({ state }) => state === 'open') as Open<Status>[]
}
