import { expect, test, vi } from 'vitest'
import { type Container, ContainerError, ContainerReader, decodeContainer, encodeContainer } from './container.ts'
import { maxParts } from './parts.ts'

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const batches = ['[]', '', '[[24,0,"note",0,"€"]]', '', '[[16]]']
/** Without parts and with them, empty ones too. */
const containers: readonly Container[] = [
  ...batches.map((batch) => ({ batch })),
  { batch: '[[24,0,"x",0,0,["bytes"]]]', parts: [bytes(1, 2, 255)] },
  { batch: '[]' },
  { batch: '[[24,0,"x",0,[0,1,2]]]', parts: [bytes(), bytes(0), bytes()] },
  { batch: '', parts: [bytes()] },
  { batch: '[[16]]' },
]
const stream = join(...containers.map(({ batch, parts }) => encodeContainer(batch, parts)))

test.each(Array.from({ length: stream.length }, (_, n) => n + 1))(
  'batches and their parts come whole out of a stream that is cut every %i bytes (HT-3, WR-8)',
  (size) => {
    const reader = new ContainerReader(100)
    expect([...cut(stream, size)].flatMap((piece) => reader.push(piece))).toEqual(containers)
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
  expect(new ContainerReader(3).push(encodeContainer('€'))).toEqual([{ batch: '€' }])
  const head = encodeContainer('[[]]').subarray(0, 8)
  expect(() => new ContainerReader(3).push(head)).toThrow(expect.objectContaining({ isTooLarge: true }))
})

test('a container with parts is taken up to the largest size, all of it counted (WR-6)', () => {
  const whole = encodeContainer('[1]', [bytes(1, 2), bytes(3)])
  expect(new ContainerReader(whole.length).push(whole)).toHaveLength(1)
  expect(() => new ContainerReader(whole.length - 1).push(whole)).toThrow(expect.objectContaining({ isTooLarge: true }))
  // Refused by its head, before anything of it is kept.
  const many = encodeContainer(
    '',
    Array.from({ length: 30 }, () => bytes()),
  )
  expect(() => new ContainerReader(127).push(many.subarray(0, 8))).toThrow(ContainerError)
  expect(new ContainerReader(128).push(many)).toHaveLength(1)
})

test('as many parts as are allowed come; of a container with more the head is refused (PL-8)', () => {
  const parts = Array.from({ length: maxParts }, () => bytes())
  expect(decodeContainer(encodeContainer('[]', parts))).toEqual({ batch: '[]', parts })
  const more = encodeContainer('[]', [...parts, bytes()])
  expect(() => new ContainerReader(1e6).push(more.subarray(0, 8))).toThrow(`${maxParts + 1} parts`)
})

test('parts that are said to be larger than all that may come are refused before they come', () => {
  const said = encodeContainer('[]', [bytes(), bytes()])
  new DataView(said.buffer).setUint32(said.length - 8, 0xffff_ffff)
  new DataView(said.buffer).setUint32(said.length - 4, 0xffff_ffff)
  expect(() => new ContainerReader(1e6).push(said)).toThrow(expect.objectContaining({ isTooLarge: true }))
})

test('a part has its bytes for itself: nothing else of the stream can be reached by it', () => {
  for (const chunk of [stream, Buffer.from(stream)]) {
    const parts = new ContainerReader(100).push(chunk).flatMap((container) => container.parts ?? [])
    expect(parts.map((part) => part.buffer.byteLength)).toEqual(parts.map((part) => part.length))
    expect(parts.map((part) => part.constructor)).toEqual(parts.map(() => Uint8Array))
    chunk.fill(0)
    expect(parts[0]).toEqual(bytes(1, 2, 255))
  }
})

test.each([
  ['nothing', bytes()],
  ['a piece', encodeContainer('[]').subarray(0, 9)],
  ['without its last byte', encodeContainer('[]', [bytes(1)]).subarray(0, -1)],
  ['followed by a byte', join(encodeContainer('[]', [bytes(1)]), bytes(0))],
  ['two', join(encodeContainer('[]'), encodeContainer('[]'))],
])('a message is one container, not %s (WR-3)', (_, message) => {
  expect(() => decodeContainer(message)).toThrow(ContainerError)
})

test.each([
  ['no UTF-8', new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 0xff])],
  ['no UTF-8, with parts', new Uint8Array([0, 0, 0, 1, 0, 0, 0, 1, 0xff, 0, 0, 0, 0])],
])('what is %s is refused', (_, bytes) => {
  expect(() => new ContainerReader(100).push(bytes)).toThrow(ContainerError)
})

test('what is kept of a chunk does not hold the chunk', () => {
  const reader = new ContainerReader(100)
  const chunk = Buffer.from(encodeContainer('[1]').slice(0, -1))
  reader.push(chunk)
  chunk.fill(0)
  expect(reader.push(new TextEncoder().encode(']'))).toEqual([{ batch: '[1]' }])
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
  expect(got).toEqual([{ batch: text }])
  expect(copied).toBeGreaterThan(65_536)
  expect(copied).toBeLessThanOrEqual(2 * (65_536 + 8))
})
