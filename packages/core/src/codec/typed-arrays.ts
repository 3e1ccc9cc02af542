import type { Part } from './parts.ts'

/** Lists of numbers that travel as bytes, by the names of their types. A `Uint8Array` is bytes as they are. */
export const typedArrays = {
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
}
export type TypedArrayName = keyof typeof typedArrays

export function isTypedArrayName(name: string): name is TypedArrayName {
  return Object.hasOwn(typedArrays, name)
}

/** The bytes of numbers as they are sent (PL-11): changed in place, where this machine has the other order. */
export function inOrderOfWire(bytes: Part, name: TypedArrayName): Part {
  return isBigEndian ? withEachReversed(bytes, typedArrays[name].BYTES_PER_ELEMENT) : bytes
}

/** The numbers of a part, which becomes theirs; `undefined` where it ends within one. */
export function numbersOf(part: Part, name: TypedArrayName): object | undefined {
  const TypedArray = typedArrays[name]
  if (part.length % TypedArray.BYTES_PER_ELEMENT !== 0) return undefined
  return new TypedArray(inOrderOfWire(part, name).buffer)
}

const isBigEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 0

/** Turns the bytes of each number around, in place. */
export function withEachReversed(bytes: Part, size: number): Part {
  for (let at = 0; at < bytes.length; at += size) bytes.subarray(at, at + size).reverse()
  return bytes
}
