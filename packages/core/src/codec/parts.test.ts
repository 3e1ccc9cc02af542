import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseBatch } from '../protocol/parse.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { PayloadError } from './annotations.ts'
import { canonicalText } from './canonical.ts'
import { decodeContainer, encodeContainer } from './container.ts'
import { frameOf, lengthOf, maxParts, type Part, receivedLength } from './parts.ts'
import { typedArrays } from './typed-arrays.ts'
import { decodePayload, decodeWithoutBytes, encodePayload, encodeWithoutBytes } from './payload.ts'

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

/** The frame of a payload, as the peer that gets it has it. */
function received(value: unknown): readonly unknown[] {
  const { text, parts } = frameOf('[18,1', encodePayload(value))
  const container = decodeContainer(encodeContainer(`[${text}]`, parts))
  return parsed(container.batch, container.parts)
}

function parsed(batch: string, parts?: readonly Part[]): readonly unknown[] {
  const frames = parseBatch(batch, parts)
  if (frames instanceof ProtocolError) throw new Error(frames.reason)
  return frames[0]!
}

function throughTheWire(value: unknown): unknown {
  const [, , json, annotations] = received(value)
  return decodePayload(json, annotations)
}

/** Numbers of every kind, at any place of their buffer. */
const numbers: fc.Arbitrary<unknown> = fc
  .tuple(fc.constantFrom(...Object.values(typedArrays)), fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 2 }))
  .map(([TypedArray, { buffer }, skipped]) => {
    const size = TypedArray.BYTES_PER_ELEMENT
    const whole = buffer.slice(0, buffer.byteLength - (buffer.byteLength % size))
    return new TypedArray(whole).subarray(skipped)
  })

const values: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.uint8Array({ maxLength: 20 }).map(({ buffer }) => buffer.slice(0)),
      numbers,
      fc.constantFrom(null, true, 0, 1, 'text', 5n, undefined, new Date(0)),
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b.c', '\\', '0', 'length'), tie('value'), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((entries) => new Map(entries)),
  ),
})).value

describe('payloads with bytes (PL-8)', () => {
  it('arrive as they were sent, wherever the bytes stand', () => {
    const arrives = (value: unknown) => {
      expect(throughTheWire(value)).toStrictEqual(value)
    }
    fc.assert(fc.property(values, arrives))
  })

  it('are text with the index of a part in place of the bytes', () => {
    const payload = encodePayload({ a: [bytes(1, 2)], b: bytes(3).buffer })
    expect(payload).toEqual({
      text: ',{"a":[0],"b":1},{"a.0":["bytes"],"b":["buffer"]}',
      parts: [bytes(1, 2), bytes(3)],
    })
  })

  it('are nothing but text where there are no bytes', () => {
    for (const value of [undefined, 1, { a: new Date(0) }, new Set([1])])
      expect(encodePayload(value)).toBeTypeOf('string')
  })

  it('hold copies: who gave the bytes may use them again', () => {
    const given = bytes(1, 2, 3, 4)
    const { parts } = encodePayload([given, given.subarray(1, 3), given.buffer]) as { parts: readonly Part[] }
    given.fill(9)
    expect(parts).toEqual([bytes(1, 2, 3, 4), bytes(2, 3), bytes(1, 2, 3, 4)])
  })

  it('turn every view of bytes into a plain Uint8Array', () => {
    const buffer = Buffer.from('a longer text in the pool of buffers').subarray(2, 8)
    const arrived = throughTheWire(buffer) as Uint8Array
    expect(arrived.constructor).toBe(Uint8Array)
    expect(arrived).toEqual(new Uint8Array(buffer))
    expect(arrived.buffer.byteLength).toBe(6)
  })

  it('hold of numbers only those that were given, also of a class that is made of theirs', () => {
    class Samples extends Float32Array {}
    const given = Float32Array.of(1, 2, 3, 4)
    const arrived = throughTheWire([given.subarray(1, 3), Samples.of(5), new Float32Array(given.buffer, 4, 1)])
    expect(arrived).toStrictEqual([Float32Array.of(2, 3), Float32Array.of(5), Float32Array.of(2)])
    expect((arrived as Float32Array[]).map(({ buffer }) => buffer.byteLength)).toEqual([8, 4, 4])
  })

  it('have bytes that stand in two places twice (PL-7)', () => {
    const given = bytes(1)
    const [one, other] = throughTheWire([given, given]) as [Uint8Array, Uint8Array]
    one[0] = 2
    expect(other).toEqual(bytes(1))
  })

  it('refuse bytes whose buffer was transferred', () => {
    const given = bytes(1, 2)
    const { buffer } = given
    structuredClone(buffer, { transfer: [buffer] })
    expect(() => encodePayload([given])).toThrow(PayloadError)
    expect(() => encodePayload([buffer])).toThrow('0 is bytes that were transferred')
    const numbers = Int16Array.of(1)
    structuredClone(numbers.buffer, { transfer: [numbers.buffer] })
    expect(() => encodePayload({ numbers })).toThrow('numbers is bytes that were transferred')
  })

  it('have as many values of bytes as are allowed, and refuse one more', () => {
    const many = Array.from({ length: maxParts }, (_, index) => bytes(index % 256))
    expect(throughTheWire(many)).toEqual(many)
    expect(() => encodePayload([...many, bytes()])).toThrow(`More than ${maxParts} values of bytes`)
  })
})

describe('decodePayload, with parts that do not fit (PL-8)', () => {
  it.each<[string, string, number]>([
    ['a part that nothing stands for', '0', 1],
    ['a part beside one that is used', '[0],{"0":["bytes"]}', 2],
    ['one part in two places', '[0,0],{"0":["bytes"],"1":["bytes"]}', 1],
    ['one part in two places, and another in none', '[0,0],{"0":["bytes"],"1":["buffer"]}', 2],
    ['an index above all', '[1],{"0":["bytes"]}', 1],
    ['an index below all', '[-1],{"0":["bytes"]}', 1],
    ['an index between two', '[0.5],{"0":["bytes"]}', 1],
    ['an index as text', '["0"],{"0":["bytes"]}', 1],
    ['the name of a member', '["length"],{"0":["bytes"]}', 1],
    ['a part that is turned twice', '[[0]],{"0":[["bytes"]],"0.0":["bytes"]}', 1],
    ['a path into bytes', '[0,1],{"0":["bytes"],"0.0":["bytes"]}', 2],
    ['a set of a part', '0,["set",{"":["bytes"]}]', 1],
    ['annotations that are null', '0,null', 1],
    ['numbers of which the last is not whole', '0,["Int16Array"]', 1],
    ['one part as bytes and as numbers', '[0,0],{"0":["bytes"],"1":["Int8Array"]}', 1],
    ['numbers by their index', '[[1,2]],{"0":["Float64Array"]}', 1],
    ['a path into numbers', '[0,1],{"0":["Int8Array"],"0.0":["bytes"]}', 2],
  ])('refuses %s', (_, payload, count) => {
    const parts = Array.from({ length: count }, () => bytes(7))
    const [, , json, annotations] = parsed(`[[18,1,${payload}]]`, parts)
    expect(() => decodePayload(json, annotations)).toThrow(PayloadError)
  })

  it('refuses bytes where no parts came', () => {
    expect(() => decodePayload(0, ['bytes'])).toThrow('the payload is not what a bytes is written as')
    expect(() => decodePayload([0], { 0: ['buffer'] })).toThrow(PayloadError)
  })

  it('takes parts in any order', () => {
    const [, , json, annotations] = parsed('[[18,1,[1,0],{"0":["bytes"],"1":["bytes"]}]]', [bytes(1), bytes(2)])
    expect(decodePayload(json, annotations)).toEqual([bytes(2), bytes(1)])
  })

  it('is not deceived by JSON that looks like parts', () => {
    const forged = { annotations: ['bytes'], parts: [{ 0: 1 }], bytes: 1, left: 0 }
    expect(() => decodePayload(0, forged)).toThrow(PayloadError)
  })
})

describe('parseBatch, with parts (WR-9)', () => {
  it.each(['[]', '[[18,1,0,["bytes"]],[16]]', '[[16],[18,1,0,["bytes"]]]'])('refuses %s', (batch) => {
    expect(parseBatch(batch, [bytes(1)])).toMatchObject({ clause: 'WR-9', close: 'BAD_FRAME' })
  })

  it.each(['[[16]]', '[[6,1]]', '[[99,1,2]]', '[[28,1,"gone"]]'])(
    'ignores those of %s, which has no payload',
    (batch) => {
      expect(parseBatch(batch, [bytes(1)])).toEqual(JSON.parse(batch))
    },
  )

  it('gives them to the payload also where the frame ends before it', () => {
    const [, , json, annotations] = parsed('[[18,1]]', [bytes(1)])
    expect(() => decodePayload(json, annotations)).toThrow('1 parts of bytes stand nowhere')
  })
})

describe('what takes no bytes', () => {
  it('refuses them: credentials, and the params of a room', () => {
    for (const encode of [encodeWithoutBytes, canonicalText]) {
      expect(() => encode({ a: bytes(1) })).toThrow(
        'a is bytes, which neither credentials nor the params of a room may hold',
      )
      expect(() => encode(new ArrayBuffer(1))).toThrow(PayloadError)
    }
    expect(encodeWithoutBytes({ at: new Date(0) })).toBe(encodePayload({ at: new Date(0) }))
  })

  it('refuses them where they have come', () => {
    const [, , json, annotations] = received([bytes(1)])
    expect(() => decodeWithoutBytes(json, annotations)).toThrow(PayloadError)
    expect(decodeWithoutBytes('5', ['bigint'])).toBe(5n)
  })
})

describe('lengths', () => {
  it('count text and bytes, also of what has come', () => {
    const content = frameOf('[18,1', encodePayload({ a: bytes(1, 2, 3), b: new ArrayBuffer(5) }))
    expect(lengthOf(content)).toBe(content.text.length + 8)
    expect(receivedLength(received({ a: bytes(1, 2, 3), b: new ArrayBuffer(5) }))).toBe(lengthOf(content))
    expect(receivedLength([18, 1, 'x'])).toBe('[18,1,"x"]'.length)
  })
})
