import { expect, test, vi } from 'vitest'
import { ContainerError, ContainerReader, encodeContainer } from './container.ts'

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const batches = ['[]', '', '[[24,0,"note",0,"€"]]', '', '[[16]]']
const stream = join(...batches.map(encodeContainer))

test.each(Array.from({ length: stream.length }, (_, n) => n + 1))(
  'batches come whole out of a stream that is cut every %i bytes (HT-3)',
  (size) => {
    const reader = new ContainerReader(100)
    expect([...cut(stream, size)].flatMap((piece) => reader.push(piece))).toEqual(batches)
    expect(reader.isAtBoundary).toBe(true)
  },
)

test('a stream may end behind a container, and nowhere else', () => {
  const reader = new ContainerReader(100)
  const one = encodeContainer('[]')
  const ends = [...cut(join(one, one), 1)].map((byte) => (reader.push(byte), reader.isAtBoundary))
  expect(ends.flatMap((mayEnd, index) => (mayEnd ? [index + 1] : []))).toEqual([one.length, 2 * one.length])
})

test('a batch of as many bytes as are taken comes; of one with more the head is refused', () => {
  expect(new ContainerReader(3).push(encodeContainer('€'))).toEqual(['€'])
  const head = encodeContainer('[[]]').subarray(0, 8)
  expect(() => new ContainerReader(3).push(head)).toThrow(expect.objectContaining({ isTooLarge: true }))
})

test.each([
  ['parts', new Uint8Array([0, 0, 0, 2, 0, 0, 0, 1, 0x5b, 0x5d])],
  ['no UTF-8', new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 0xff])],
])('what is %s is refused', (_, bytes) => {
  expect(() => new ContainerReader(100).push(bytes)).toThrow(ContainerError)
})

test('what is kept of a chunk does not hold the chunk', () => {
  const reader = new ContainerReader(100)
  const chunk = Buffer.from(encodeContainer('[1]').slice(0, -1))
  reader.push(chunk)
  chunk.fill(0)
  expect(reader.push(new TextEncoder().encode(']'))).toEqual(['[1]'])
})

test('a byte is copied twice at most, in however many pieces it comes', () => {
  const reader = new ContainerReader(1_000_000)
  const text = 'x'.repeat(65_536)
  const pieces = [...cut(encodeContainer(text), 16)]
  const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as Uint8Array
  const set = vi.spyOn(typedArray, 'set')
  const got = pieces.flatMap((piece) => reader.push(piece))
  const copied = set.mock.calls.reduce((sum, [piece]) => sum + piece.length, 0)
  vi.restoreAllMocks()
  expect(got).toEqual([text])
  expect(copied).toBeGreaterThan(65_536)
  expect(copied).toBeLessThanOrEqual(2 * (65_536 + 8))
})
