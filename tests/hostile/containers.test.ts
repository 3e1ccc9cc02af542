import { encodeContainer } from '@typewire/core/internal'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { answerOf, besideHealthy, closedBy, echo, endOf } from './beside.ts'

failOnUnhandledRejections()

const bytes = (...values: readonly number[]) => Uint8Array.from(values)
const u32 = (...values: readonly number[]) => {
  const numbers = new DataView(new ArrayBuffer(4 * values.length))
  values.forEach((value, index) => numbers.setUint32(4 * index, value))
  return new Uint8Array(numbers.buffer)
}
const joined = (...pieces: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(pieces))
const text = new TextEncoder().encode('[[17,1,"carry",0,0,["bytes"]]]')
const good = encodeContainer('[[17,1,"carry",0,0,["bytes"]]]', [bytes(1, 2, 3)])

/** What is no container, however it is read. */
const garbage: readonly (readonly [string, Uint8Array])[] = [
  ['nothing', bytes()],
  ['less than a head', bytes(0, 0, 0)],
  ['a head alone', u32(text.length, 1)],
  ['a text of 4 GB', u32(0xffff_ffff, 0)],
  ['a text that is longer than it', joined(u32(text.length + 1, 0), text)],
  ['4 billion parts', joined(u32(text.length, 0xffff_ffff), text)],
  ['1,001 parts', joined(u32(2, 1_001), Buffer.from('[]'), new Uint8Array(4 * 1_001))],
  ['a part of 4 GB', joined(u32(text.length, 1), text, u32(0xffff_ffff))],
  ['parts whose lengths make 0 where 32 bits end', joined(u32(text.length, 2), text, u32(0x8000_0000, 0x8000_0000))],
  ['a part that is longer than it', joined(u32(text.length, 1), text, u32(4), bytes(1, 2, 3))],
  ['one byte too few', good.subarray(0, -1)],
  ['one byte too many', joined(good, bytes(0))],
  ['two containers', joined(good, good)],
  ['a text that is no UTF-8', joined(u32(1, 0), bytes(0xff))],
  ['a text that is no UTF-8, with a part', joined(u32(1, 1), bytes(0xff), u32(0))],
  ['a text message', text],
]

describe('WR-3, WR-8: binary messages that are no container', () => {
  test.each(garbage)('%s closes the connection, and nobody else notices', async (_, message) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendBytes(message)
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'WR-3'))
    })
  })

  test('whatever the bytes, at most their connection is closed', async () => {
    const unexpected: unknown[] = []
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.nat(255))
      .map(([at, value]) => good.map((byte, index) => (index === at ? value : byte)))
    await besideHealthy(async ({ welcomed }) => {
      const isTaken = async (message: Uint8Array) => {
        const peer = await welcomed()
        peer.sendBytes(message)
        peer.send([4, 0, 0])
        // Answered, or closed for a reason that names a clause.
        const end = await peer.readKind(5).catch(() => peer.closed())
        peer.cut()
        if ('code' in end && !(end.code === 4400 && /^[A-Z]{2}-\d: /.test(end.reason))) unexpected.push(end)
      }
      const messages = fc.oneof(fc.uint8Array({ maxLength: 60 }), changed)
      await fc.assert(fc.asyncProperty(messages, isTaken), { numRuns: 60 })
    })
    expect(unexpected).toEqual([])
  })
})

describe('WR-6: containers that are too large', () => {
  const limit = 4_096
  const sized = (size: number) => {
    const empty = encodeContainer('[[17,1,"carry",0,0,["bytes"]]]', [bytes()])
    return encodeContainer('[[17,1,"carry",0,0,["bytes"]]]', [new Uint8Array(size - empty.length)])
  }

  test('one of the limit is taken, and a byte more closes the connection (1009)', async () => {
    await besideHealthy(
      async ({ welcomed }) => {
        const [one, other] = [await welcomed(), await welcomed()]
        one.sendBytes(sized(limit))
        expect((await one.read()).slice(0, 2)).toEqual([18, 1])
        other.sendBytes(sized(limit + 1))
        expect(await other.closed()).toMatchObject({ code: 1009 })
      },
      { server: { maxMessageBytes: limit } },
    )
  })
})

describe('PL-8: parts that stand in many places', () => {
  test('are not made much of: the payload is unreadable', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      const places = Array.from({ length: 5_000 }, () => 0)
      const annotations = Object.fromEntries(places.map((_, index) => [index, ['bytes']]))
      peer.sendWithParts([17, 1, 'carry', 0, places, annotations], new Uint8Array(500_000))
      expect((await answerOf(peer)).slice(0, 3)).toEqual([19, 1, 'INVALID_INPUT'])
      expect(await echo(peer, 2)).toBe('alive')
    })
  })

  test.each<[string, unknown, unknown]>([
    ['a prototype', {}, { '__proto__.x': ['bytes'] }],
    ['a member that all arrays have', [], { length: ['bytes'] }],
    ['the inside of bytes', 0, ['bytes', { buffer: ['bytes'] }]],
    ['an index that is an object', { valueOf: 0 }, ['bytes']],
    ['an index that is a method of lists', 'at', ['buffer']],
    ['bytes as a list, as superjson writes them', [1, 2], [['typed-array', 'Uint8Array']]],
    ['numbers that end within one', 0, ['Float64Array']],
    ['numbers of a kind that there is not', 0, ['Uint128Array']],
    ['a view of bytes', 0, ['DataView']],
    ['the size of a Blob', [0, ''], ['Blob', { size: ['bytes'] }]],
    ['a Blob of a Blob', [[0, ''], ''], ['Blob', { 0: ['Blob'] }]],
    ['a Blob whose type is an object', [0, { toString: 1 }], ['Blob']],
    ['a File without a name', [0, ''], ['File']],
    ['a File of a time that is none', [0, '', 'a', '1970'], ['File']],
    [
      'two Blobs of one part',
      [
        [0, ''],
        [0, ''],
      ],
      { 0: ['Blob'], 1: ['Blob'] },
    ],
  ])('cannot be put at %s', async (_, json, annotations) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendWithParts([17, 1, 'carry', 0, json, annotations], bytes(1))
      expect((await answerOf(peer)).slice(0, 3)).toEqual([19, 1, 'INVALID_INPUT'])
      expect(await echo(peer, 2)).toBe('alive')
    })
  })

  test('a File has the name that its sender says, and nothing comes of it', async () => {
    const files: unknown[] = []
    const take = ({ input }: { input: unknown }) => void files.push(input)
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        const names = ['../../etc/passwd', '__proto__', 'a\0b', '\ud800']
        for (const [index, name] of names.entries()) {
          peer.sendWithParts([17, index + 1, 'carry', 0, [0, 'text/html\r\nx', name, -1], ['File']], bytes(1))
          expect(await answerOf(peer)).toEqual([18, index + 1])
        }
        expect(files.map((file) => (file as File).name)).toEqual([...names.slice(0, 3), '\ufffd'])
        expect(files.map((file) => (file as File).type)).toEqual(['', '', '', ''])
      },
      { handlers: { procedures: { carry: take } } },
    )
  })
})
