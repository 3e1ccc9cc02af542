import { TypewireError } from '@typewire/core'
import { describe, expect, test } from 'vitest'
import { eventually, failureOf, openSession, setUp, type TransportSetup } from './transport-stage.ts'

/** Who may end a connection, and what the other is told. */
export function endingTests(setup: TransportSetup): void {
  describe('endings', () => {
    test('the server ends the session: the client knows why, and does not come back', async () => {
      const stage = await setUp(setup)
      const session = await openSession(stage)
      const failure = failureOf(stage.client.call.wait('w'))
      await eventually(() => stage.waiting).toEqual(['w'])
      session.emit.down(1)
      session.close('moved out')
      await eventually(() => stage.client.status.current.state).toBe('closed')
      expect(stage.client.status.current).toMatchObject({ reason: 'SESSION_CLOSED: moved out' })
      expect(await failure).toMatchObject({ code: 'SESSION_LOST' })
      expect(stage.down).toEqual([1]) // what was sent before is heard before
      expect([...stage.server.sessions]).toEqual([])
      await stage.end()
    })

    test('the client closes: what it sent before arrives, and its session ends at once', async () => {
      const stage = await setUp(setup)
      await stage.client.connect()
      const failure = failureOf(stage.client.call.wait('w'))
      await eventually(() => stage.waiting).toEqual(['w'])
      stage.client.emit.up(1)
      await stage.client.close()
      expect(await failure).toMatchObject({ code: 'CLOSED' })
      await eventually(() => [...stage.server.sessions]).toEqual([])
      expect(stage.up).toEqual([1])
      expect(stage.aborted).toEqual(['w'])
      await stage.end()
    })

    test('a refused client knows why, and does not come back by itself', async () => {
      let asked = 0
      const stage = await setUp(setup, {
        authenticate: ({ auth }) => {
          asked++
          if (auth === 'mallory') throw new TypewireError('UNAUTHORIZED', 'no Mallory here')
          return { identity: auth }
        },
        user: 'mallory',
      })
      await expect(stage.client.call.echo('hello')).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
      expect(stage.client.status.current).toMatchObject({
        state: 'closed',
        reason: expect.stringContaining('no Mallory here'),
      })
      expect(asked).toBe(1)
      stage.user = 'ada'
      await stage.client.connect()
      expect(await stage.client.call.echo('hello')).toBe('hello')
      await stage.end()
    })

    test('authentication that fails for a moment is tried again, and costs no session', async () => {
      let failures = 0
      const stage = await setUp(setup, {
        authenticate: ({ auth }) => {
          if (failures-- > 0) throw new Error('the database is away')
          return { identity: auth }
        },
      })
      const session = await openSession(stage)
      failures = 2
      stage.link.refuse()
      stage.link.cut()
      await eventually(() => stage.client.status.current.state).not.toBe('open')
      stage.link.accept()
      await eventually(() => stage.client.status.current).toMatchObject({
        state: 'open',
        sessionId: session.id,
        recovered: true,
      })
      expect(stage.errors).toHaveLength(2)
      await stage.end()
    })

    test('a server that closes lets calls in flight finish, and says so to its clients', async () => {
      const stage = await setUp(setup)
      await stage.client.connect()
      const call = stage.client.call.wait('in flight')
      await eventually(() => stage.waiting).toEqual(['in flight'])
      const closed = stage.server.close({ drainMs: 60_000 })
      // Said while it drains: a request that needs a connection of its own may be among it.
      stage.client.emit.up(1)
      await eventually(() => stage.up).toEqual([1])
      stage.release()
      expect(await call).toBe('in flight')
      await closed
      await eventually(() => stage.client.status.current.state).not.toBe('open')
      const [ending] = stage.statuses.filter(({ state }) => state === 'waiting')
      expect(ending).toMatchObject({ reason: expect.stringContaining('GOING_AWAY') })
      await stage.end()
    })
  })
}
