import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { turn } from '../turn.ts'
import type { Parcel } from './transport-contract.ts'
import { eventually, failureOf, openSession, sequence, setUp, type TransportSetup } from './transport-stage.ts'

/** Bytes in payloads, which travel beside the text (PL-8). */
export function bytesTests(setup: TransportSetup): void {
  describe('bytes', () => {
    test.each([
      ['none', []],
      ['of nothing', [0]],
      ['one', [1]],
      ['as many as a small length can say, and one more', [125, 126, 65_535, 65_536]],
      ['300 KB', [307_200]],
      ['several', [3, 0, 50_000, 0, 1]],
      ['many', sequence(300)],
    ])('come back as they were sent: %s', async (_, lengths) => {
      const stage = await setUp(setup)
      const sent = parcel(1, ...lengths)
      const back = await stage.client.call.carry(sent)
      expect(seal(back)).toEqual(seal(sent))
      expect(back.bytes.every((bytes) => bytes.constructor === Uint8Array)).toBe(true)
      await stage.end()
    })

    test('bytes stand in the data of an error', async () => {
      const stage = await setUp(setup)
      const sent = parcel(-1, 10, 20)
      const failure = (await failureOf(stage.client.call.carry(sent))) as { code: string; data: Parcel }
      expect([failure.code, seal(failure.data)]).toEqual(['TORN', seal(sent)])
      await stage.end()
    })

    test('frames with bytes and frames without stay in order, both ways at once', async () => {
      const stage = await setUp(setup)
      const session = await openSession(stage)
      for (const n of sequence(200)) {
        if (n % 3 === 0) {
          stage.client.emit.upload(parcel(n, n, n * 7))
          session.emit.download(parcel(n, n * 7, n))
        } else {
          stage.client.emit.up(n)
          session.emit.down(n)
        }
        if (n % 20 === 0) await turn()
      }
      await stage.client.emitWithAck.ask(0)
      await eventually(() => stage.down.length).toBe(200)
      expect(stage.up).toEqual(sequence(200))
      expect(stage.down).toEqual(sequence(200))
      const expected = sequence(200).filter((n) => n % 3 === 0)
      expect(stage.uploads.map(seal)).toEqual(expected.map((n) => seal(parcel(n, n, n * 7))))
      expect(stage.downloads.map(seal)).toEqual(expected.map((n) => seal(parcel(n, n * 7, n))))
      await stage.end()
    })

    test('bytes in an event of a room go to each member, and from one', async () => {
      const stage = await setUp(setup)
      const members = [stage.client, stage.connect('bob'), stage.connect('eve')]
      const halls = members.map((member) => member.join.hall({ id: '1' }))
      const heard = halls.map((hall) => {
        const seals: unknown[] = []
        hall.on.shown((shown) => void seals.push(seal(shown)))
        return seals
      })
      await Promise.all(halls.map(({ ready }) => ready))
      const sent = [parcel(1, 1), parcel(2, 100_000, 5), parcel(3, 0)]
      const given = sent[1]!.bytes[1]!
      stage.server.rooms.hall({ id: '1' }).emit.shown(sent[0]!)
      stage.server.rooms.hall({ id: '1' }).emit.shown(sent[1]!)
      const expected = sent.map(seal)
      given.fill(255) // who emits may use the bytes again
      halls[1]!.emit.show(sent[2]!)
      await eventually(() => heard).toEqual(members.map(() => expected))
      expect(stage.errors).toEqual([])
      await stage.end()
    })

    test.each(['up', 'down'] as const)(
      'bytes that are cut in the middle on the way %s arrive once',
      async (direction) => {
        const stage = await setUp(setup)
        const session = await openSession(stage)
        const lengths = (n: number) => [n, 9_000, 1 + ((n * 541) % 3_000)]
        for (const n of sequence(24)) {
          // Somewhere else each time: in heads, in texts, in lengths, in parts.
          stage.link.cutAfter(direction, 1 + ((n * 7_919) % 25_000))
          stage.client.emit.upload(parcel(n, ...lengths(n)))
          session.emit.download(parcel(n, ...lengths(n)))
          const carried = parcel(n, 5_000)
          expect(seal(await stage.client.call.carry(carried))).toEqual(seal(carried))
        }
        stage.link.cutAfter(direction, Number.POSITIVE_INFINITY)
        await stage.client.emitWithAck.ask(0)
        await eventually(() => stage.downloads.length).toBe(24)
        const expected = sequence(24).map((n) => seal(parcel(n, ...lengths(n))))
        expect(stage.uploads.map(seal)).toEqual(expected)
        expect(stage.downloads.map(seal)).toEqual(expected)
        expect(stage.link.count()).toBeGreaterThan(5)
        expect(stage.client.status.current).toMatchObject({ state: 'open', sessionId: session.id })
        await stage.end()
      },
    )

    test('a message with bytes that is as large as the server takes arrives; a byte more is refused (WR-6)', async () => {
      const maxMessageBytes = 65_536
      const stage = await setUp(setup, { maxMessageBytes })
      await stage.client.connect()
      const text = '[[24,0,"upload",0,{"n":1,"bytes":[0]},{"bytes.0":["bytes"]}]]'
      const [head, lengthOfPart] = [8, 4]
      const most = maxMessageBytes - text.length - head - lengthOfPart
      const fitting = parcel(1, most)
      stage.client.emit.upload(fitting)
      expect(() => stage.client.emit.upload(parcel(1, most + 1))).toThrow(
        expect.objectContaining({ code: 'TOO_LARGE' }),
      )
      await eventually(() => stage.uploads.length).toBe(1)
      expect(stage.uploads.map(seal)).toEqual([seal(fitting)])
      expect(await stage.client.call.echo('still there')).toBe('still there')
      expect(stage.statuses.filter(({ state }) => state === 'open')).toHaveLength(1)
      await stage.end()
    })
  })
}

/** Bytes of these lengths, other ones for each number. */
function parcel(n: number, ...lengths: readonly number[]): Parcel {
  const bytes = lengths.map((length, index) =>
    Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8) + n + index) & 255),
  )
  return { n, bytes }
}

/** What tells a parcel from any other: comparing the bytes themselves takes long. */
function seal({ n, bytes }: Parcel): unknown {
  return { n, bytes: bytes.map((part) => `${part.length} ${createHash('sha256').update(part).digest('base64')}`) }
}
