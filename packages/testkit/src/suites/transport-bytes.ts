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

    test('numbers, blobs and files come back as what they were', async () => {
      const stage = await setUp(setup)
      const things = [
        new Blob([]),
        new Blob([parcel(1, 100_000).bytes[0]!], { type: 'image/png' }),
        new File(['text'], 'naïve \u{1f600}.txt', { type: 'text/plain', lastModified: 1_700_000_000_123 }),
        Float64Array.of(0.1, -0, Number.NaN, Number.MAX_VALUE),
        Int16Array.of(1, -2, 3).subarray(1),
        BigInt64Array.of(-(2n ** 63n)),
        new Uint8ClampedArray(),
      ]
      const sent = { ...parcel(1, 10), things }
      const back = await stage.client.call.carry(sent)
      expect(await opened(back)).toEqual(await opened(sent))
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

    test('what is sent behind a blob comes behind it, both ways at once', async () => {
      const stage = await setUp(setup)
      const session = await openSession(stage)
      for (const n of sequence(60)) {
        if (n % 3 === 0) {
          stage.client.emit.upload(withBlob(n, n * 50))
          session.emit.download(withBlob(n, n * 70))
        } else {
          stage.client.emit.up(n)
          session.emit.down(n)
        }
        if (n % 20 === 0) await turn()
      }
      expect(await stage.client.emitWithAck.ask(21)).toBe(42)
      expect(stage.up).toEqual(sequence(60))
      await eventually(() => stage.down).toEqual(sequence(60))
      const expected = sequence(60).filter((n) => n % 3 === 0)
      const all = (size: number) => Promise.all(expected.map((n) => opened(withBlob(n, n * size))))
      expect(await Promise.all(stage.uploads.map(opened))).toEqual(await all(50))
      expect(await Promise.all(stage.downloads.map(opened))).toEqual(await all(70))
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
      const sent = [parcel(1, 1), withBlob(4, 1_000), parcel(2, 100_000, 5), parcel(3, 0)]
      const given = sent[2]!.bytes[1]!
      for (const each of sent.slice(0, 3)) stage.server.rooms.hall({ id: '1' }).emit.shown(each)
      const expected = sent.map(seal)
      given.fill(255) // who emits may use the bytes again
      await eventually(() => heard.map(({ length }) => length)).toEqual(members.map(() => 3))
      halls[1]!.emit.show(sent[3]!)
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
          // Every other one with a file, so that a cut falls also into one, or where one is being read.
          stage.client.emit.upload(n % 2 ? parcel(n, ...lengths(n)) : withBlob(n, ...lengths(n)))
          session.emit.download(n % 2 ? parcel(n, ...lengths(n)) : withBlob(n, ...lengths(n)))
          const carried = parcel(n, 5_000)
          expect(seal(await stage.client.call.carry(carried))).toEqual(seal(carried))
        }
        stage.link.cutAfter(direction, Number.POSITIVE_INFINITY)
        await stage.client.emitWithAck.ask(0)
        await eventually(() => stage.downloads.length).toBe(24)
        const sent = sequence(24).map((n) => (n % 2 ? parcel(n, ...lengths(n)) : withBlob(n, ...lengths(n))))
        const expected = await Promise.all(sent.map(opened))
        expect(await Promise.all(stage.uploads.map(opened))).toEqual(expected)
        expect(await Promise.all(stage.downloads.map(opened))).toEqual(expected)
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

/** The same, the bytes once more in a file. */
function withBlob(n: number, ...lengths: readonly number[]): Parcel {
  const plain = parcel(n, ...lengths)
  return { ...plain, things: [new File([...plain.bytes], `${n}`, { lastModified: n })] }
}

/** The seal of a parcel, and what its things are. */
async function opened(given: Parcel): Promise<unknown> {
  const things = (given.things ?? []).map(async (thing) => {
    if (!(thing instanceof Blob)) return thing
    const { size, type, name, lastModified } = thing as Blob & Partial<File>
    const bytes = new Uint8Array(await thing.arrayBuffer())
    return { kind: thing.constructor.name, size, type, name, lastModified, ...parcelSeal([bytes]) }
  })
  return { seal: seal(given), things: await Promise.all(things) }
}

/** What tells a parcel from any other: comparing the bytes themselves takes long. */
function seal({ n, bytes }: Parcel): unknown {
  return { n, ...parcelSeal(bytes) }
}

function parcelSeal(bytes: readonly Uint8Array[]) {
  return { bytes: bytes.map((part) => `${part.length} ${createHash('sha256').update(part).digest('base64')}`) }
}
