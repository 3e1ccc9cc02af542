import { describe, expect, test } from 'vitest'
import { turn } from '../turn.ts'
import { eventually, openSession, sequence, setUp, type TransportSetup } from './transport-stage.ts'

/** What two peers say to each other over a link without faults. */
export function exchangeTests(setup: TransportSetup): void {
  describe('exchange', () => {
    test('hello is welcomed, and the status names the transport', async () => {
      const stage = await setUp(setup)
      await stage.client.connect()
      expect(stage.client.status.current).toMatchObject({
        state: 'open',
        transport: setup.transport,
        recovered: undefined,
      })
      expect([...stage.server.sessions].map(({ identity }) => identity)).toEqual(['ada'])
      await stage.end()
    })

    test('a call is answered, and a declared error is an error', async () => {
      const stage = await setUp(setup)
      expect(await stage.client.call.echo('hello')).toBe('hello')
      await expect(stage.client.call.fail('because')).rejects.toMatchObject({ code: 'REFUSED', data: 'because' })
      await stage.end()
    })

    test('a call that is given up is aborted at the server', async () => {
      const stage = await setUp(setup)
      const controller = new AbortController()
      const call = stage.client.call.wait('w', { signal: controller.signal })
      await eventually(() => stage.waiting).toEqual(['w'])
      controller.abort()
      await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
      await eventually(() => stage.aborted).toEqual(['w'])
      await stage.end()
    })

    test('events and their acks go both ways', async () => {
      const stage = await setUp(setup)
      const session = await openSession(stage)
      stage.client.on.question((n) => n + 1)
      stage.client.emit.up(1)
      session.emit.down(2)
      expect(await stage.client.emitWithAck.ask(4)).toBe(8)
      expect(await session.emitWithAck.question(4)).toBe(5)
      expect(stage.up).toEqual([1])
      expect(stage.down).toEqual([2])
      await stage.end()
    })

    test('members of a room hear it, and others do not', async () => {
      const stage = await setUp(setup)
      const other = stage.connect()
      const said: string[] = []
      const hall = stage.client.join.hall({ id: '1' })
      hall.on.said((text) => void said.push(`ada: ${text}`))
      const otherHall = other.join.hall({ id: '2' })
      otherHall.on.said((text) => void said.push(`bob: ${text}`))
      await Promise.all([hall.ready, otherHall.ready])
      await expect(stage.client.join.hall({ id: 'closed' }).ready).rejects.toMatchObject({ code: 'FORBIDDEN' })
      hall.emit.say('one')
      await eventually(() => said).toEqual(['ada: one'])
      stage.server.rooms.hall({ id: '2' }).emit.said('two')
      await eventually(() => said).toEqual(['ada: one', 'bob: two'])
      hall.leave()
      await stage.client.call.echo('')
      stage.server.rooms.hall({ id: '1' }).emit.said('three')
      await stage.client.call.echo('')
      expect(said).toEqual(['ada: one', 'bob: two'])
      await stage.end()
    })

    test('bursts of 5,000 events keep their order, both ways at once', async () => {
      const stage = await setUp(setup)
      await stage.client.connect()
      for (const n of sequence(5_000)) {
        stage.client.emit.up(n)
        stage.server.emit.down(n)
        if (n % 500 === 0) await turn()
      }
      await eventually(() => [stage.up.length, stage.down.length]).toEqual([5_000, 5_000])
      expect(stage.up).toEqual(sequence(5_000))
      expect(stage.down).toEqual(sequence(5_000))
      await stage.end()
    })

    test('a burst of 5,000 calls runs in order, and each is answered', async () => {
      const stage = await setUp(setup)
      const asked = sequence(5_000).map(String)
      expect(await Promise.all(asked.map((text) => stage.client.call.echo(text)))).toEqual(asked)
      expect(stage.echoed).toEqual(asked)
      await stage.end()
    })

    test('many small batches, one per turn, keep their order', async () => {
      const stage = await setUp(setup)
      await stage.client.connect()
      for (const n of sequence(1_000)) {
        stage.client.emit.up(n)
        stage.server.emit.down(n)
        await turn()
      }
      await stage.client.emitWithAck.ask(0)
      await eventually(() => stage.down.length).toBe(1_000)
      expect(stage.up).toEqual(sequence(1_000))
      expect(stage.down).toEqual(sequence(1_000))
      await stage.end()
    })

    test.each([
      ['ASCII controls', '\u0000\u0001\n\r\t\u007f"\\'],
      ['two and three bytes', 'ÿ Ā ß € 漢字 \ufeff \u2028\u2029'],
      ['astral characters', '😀 𝒳 👩‍👩‍👧‍👦 \u{10ffff}'],
      ['half of a pair', 'a\ud800b\udc00c'],
    ])('text arrives as it was sent: %s', async (_, text) => {
      const stage = await setUp(setup)
      const long = text.repeat(3_000)
      expect(await stage.client.call.echo(text)).toBe(text)
      expect(await stage.client.call.echo(long)).toBe(long)
      stage.server.emit.news(long)
      stage.client.emit.note(long)
      await eventually(() => stage.news).toEqual([long])
      await eventually(() => stage.notes).toEqual([long])
      await stage.end()
    })
  })
}
