import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { withBlobsRead } from '../protocol/golden.ts'
import { isMessageLarger } from '../protocol/message-size.ts'
import { parseBatch } from '../protocol/parse.ts'
import { ProtocolError } from '../protocol/protocol-error.ts'
import { PayloadError } from './payload-error.ts'
import { canonicalText } from './canonical.ts'
import { decodeContainer, encodeContainer } from './container.ts'
import { type EncodedPayload, frameOf, lengthOf, maxParts, type Part, receivedLength, UnreadPayload } from './parts.ts'
import { typedArrays } from './typed-arrays.ts'
import { decodePayload, decodeWithoutBytes, encodePayload, encodeWithoutBytes } from './payload.ts'

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

/** What comes of a payload at its reader. */
async function arrived(value: unknown): Promise<unknown> {
  const payload = encodePayload(value)
  const [, , json, annotations] = receivedOf(payload instanceof UnreadPayload ? await payload.read() : payload)
  return decodePayload(json, annotations)
}

/** Of what holds no blobs. */
function read(encoded: EncodedPayload | UnreadPayload): EncodedPayload {
  if (encoded instanceof UnreadPayload) throw new Error('it has blobs')
  return encoded
}

/** The frame of a payload, as the peer that gets it has it. */
function received(value: unknown): readonly unknown[] {
  return receivedOf(read(encodePayload(value)))
}

function receivedOf(payload: EncodedPayload): readonly unknown[] {
  const { text, parts } = frameOf('[18,1', payload)
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

const leaves: fc.Arbitrary<unknown> = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.uint8Array({ maxLength: 20 }).map(({ buffer }) => buffer.slice(0)),
  numbers,
  fc.constantFrom(null, true, 0, 1, 'text', 5n, undefined, new Date(0)),
)

/** Whatever of these and of what may hold them. */
const nested = (leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom('a', 'b.c', '\\', '0', 'length', ''), tie('value'), {
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
    fc.assert(fc.property(nested(leaves), arrives))
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
    expect(() => encodePayload([...many, bytes()])).toThrow(`is one of more than ${maxParts} values of bytes`)
  })
})

describe('payloads with blobs (PL-12)', () => {
  const blobs: fc.Arbitrary<unknown> = fc
    .tuple(fc.uint8Array({ maxLength: 20 }), fc.constantFrom('', 'text/plain', 'image/PNG; a="b"', 'é'))
    .chain(([part, type]) =>
      fc.oneof(
        fc.constant(new Blob([part], { type })),
        fc
          .tuple(fc.string(), fc.date({ noInvalidDate: true }))
          .map(([name, date]) => new File([part], name, { type, lastModified: date.getTime() })),
      ),
    )

  it('arrive as they were sent, wherever they stand, with other bytes among them', async () => {
    const arrive = async (value: unknown) => {
      expect(await withBlobsRead(await arrived(value))).toStrictEqual(await withBlobsRead(value))
    }
    await fc.assert(fc.asyncProperty(nested(fc.oneof(blobs, leaves)), arrive))
  })

  it('are not read before they are asked for, but tell how long they are', async () => {
    const blob = new Blob(['hello'])
    const read = vi.spyOn(blob, 'arrayBuffer')
    const payload = encodePayload({ a: [blob], b: bytes(1, 2) }) as UnreadPayload
    expect(payload).toBeInstanceOf(UnreadPayload)
    expect(lengthOf(payload)).toBe(payload.text.length + 7)
    expect(isMessageLarger(payload, 1_000)).toBe(false)
    expect(isMessageLarger(payload, payload.text.length + 8 + 2 * 4 + 7)).toBe(true)
    expect(read).not.toHaveBeenCalled()
    expect(await payload.read()).toEqual({
      text: ',{"a":[[0,""]],"b":1},{"a.0":["Blob"],"b":["bytes"]}',
      parts: [new TextEncoder().encode('hello'), bytes(1, 2)],
    })
  })

  it('say which cannot be read', async () => {
    const gone = new File(['x'], 'gone.txt')
    vi.spyOn(gone, 'arrayBuffer').mockRejectedValue(new DOMException('It was deleted.', 'NotReadableError'))
    const payload = encodePayload({ files: [new Blob(), gone] }) as UnreadPayload
    await expect(payload.read()).rejects.toThrow('gone.txt cannot be read: NotReadableError: It was deleted.')
    await expect(payload.read()).rejects.toBeInstanceOf(PayloadError)
  })

  it('are as many as other bytes', () => {
    const many = Array.from({ length: maxParts }, () => new Blob())
    expect(encodePayload(many)).toBeInstanceOf(UnreadPayload)
    expect(() => encodePayload([...many, new Blob()])).toThrow(`is one of more than ${maxParts} values of bytes`)
  })

  it('refuse a file that was changed at no time that JSON can tell', () => {
    for (const lastModified of [Number.POSITIVE_INFINITY, 1e300]) {
      const file = new File([], 'a', { lastModified })
      expect(() => encodePayload({ file })).toThrow('file is a File that was changed at no time, which cannot travel')
    }
    const { text } = encodePayload(new File([], 'a', { lastModified: 1.5 })) as UnreadPayload
    expect(text).toBe(',[0,"","a",1],["File"]')
  })

  it.each<[string, string]>([
    ['no array', '0,["Blob"]'],
    ['an object', '{"0":0,"1":""},["Blob"]'],
    ['no index', '[],["Blob"]'],
    ['an index as text', '["0",""],["Blob"]'],
    ['no type', '[0],["Blob"]'],
    ['a type that is no text', '[0,1],["Blob"]'],
    ['no name', '[0,""],["File"]'],
    ['a name that is no text', '[0,"",1,1],["File"]'],
    ['no time', '[0,"","a"],["File"]'],
    ['a time that is no whole number', '[0,"","a",1.5],["File"]'],
    ['a time that is beyond all numbers', '[0,"","a",1e999],["File"]'],
    ['a time that is a text', '[0,"","a","1"],["File"]'],
    ['bytes in place of an index', '[0,""],["Blob",{"0":["bytes"]}]'],
    ['a part that another has', '[[0,""],0],{"0":["Blob"],"1":["bytes"]}'],
    ['a blob of a blob', '[[0,""]],{"0":["Blob"],"\\\\0":["Blob"]}'],
    ['a path into a blob', '[[0,""]],{"0":["Blob"],"0.size":["bytes"]}'],
  ])('are not built of %s', (_, payload) => {
    const [, , json, annotations] = parsed(`[[18,1,${payload}]]`, [bytes(7)])
    expect(() => decodePayload(json, annotations)).toThrow(PayloadError)
  })

  it('ignore what stands behind all that is known of them', async () => {
    const [, , json, annotations] = parsed('[[18,1,[0,"text/plain","a",5,{"later":1}],["File"]]]', [bytes(7)])
    const file = decodePayload(json, annotations) as File
    expect([file.type, file.name, file.lastModified, file.size]).toEqual(['text/plain', 'a', 5, 1])
  })

  it('have their bytes for themselves', async () => {
    const part = bytes(1, 2)
    const [, , json, annotations] = parsed('[[18,1,[0,""],["Blob"]]]', [part])
    const blob = decodePayload(json, annotations) as Blob
    part.fill(9)
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(bytes(1, 2))
  })

  it('neither credentials nor params nor presence have', () => {
    for (const encode of [encodeWithoutBytes, canonicalText]) {
      expect(() => encode({ a: new Blob() })).toThrow('a is bytes, which neither')
    }
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
        'a is bytes, which neither credentials nor params nor presence of a room may hold',
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
    const content = frameOf('[18,1', read(encodePayload({ a: bytes(1, 2, 3), b: new ArrayBuffer(5) })))
    expect(lengthOf(content)).toBe(content.text.length + 8)
    expect(receivedLength(received({ a: bytes(1, 2, 3), b: new ArrayBuffer(5) }))).toBe(lengthOf(content))
    expect(receivedLength([18, 1, 'x'])).toBe('[18,1,"x"]'.length)
  })
})
