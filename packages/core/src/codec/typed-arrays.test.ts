import { describe, expect, it } from 'vitest'
import { isTypedArrayName, numbersOf, typedArrays, type TypedArrayName, withEachReversed } from './typed-arrays.ts'

const bytes = (...values: readonly number[]) => Uint8Array.from(values)

describe('numbersOf', () => {
  it.each<[TypedArrayName, readonly number[], object]>([
    ['Int8Array', [1, 255], Int8Array.of(1, -1)],
    ['Uint8ClampedArray', [0, 255], Uint8ClampedArray.of(0, 255)],
    ['Int16Array', [1, 0, 254, 255], Int16Array.of(1, -2)],
    ['Uint16Array', [0, 1], Uint16Array.of(256)],
    ['Int32Array', [0, 0, 0, 128], Int32Array.of(-(2 ** 31))],
    ['Uint32Array', [4, 3, 2, 1], Uint32Array.of(0x01_02_03_04)],
    ['Float32Array', [0, 0, 192, 63], Float32Array.of(1.5)],
    ['Float64Array', [0, 0, 0, 0, 0, 0, 248, 63], Float64Array.of(1.5)],
    ['BigInt64Array', [254, 255, 255, 255, 255, 255, 255, 255], BigInt64Array.of(-2n)],
    ['BigUint64Array', [8, 7, 6, 5, 4, 3, 2, 1], BigUint64Array.of(0x01_02_03_04_05_06_07_08n)],
  ])('reads %s, the lowest byte of each number first (PL-11)', (name, given, numbers) => {
    expect(numbersOf(bytes(...given), name)).toStrictEqual(numbers)
    expect(numbersOf(bytes(), name)).toHaveLength(0)
  })

  it.each(Object.keys(typedArrays) as TypedArrayName[])('is nothing for bytes that end within a number: %s', (name) => {
    const lengths = Array.from({ length: 17 }, (_, length) => length)
    const isRead = (length: number) => numbersOf(new Uint8Array(length), name) !== undefined
    expect(lengths.filter(isRead)).toEqual(
      lengths.filter((length) => length % typedArrays[name].BYTES_PER_ELEMENT === 0),
    )
  })
})

describe('withEachReversed', () => {
  it('turns the bytes of each number around, for machines of the other order', () => {
    expect(withEachReversed(bytes(1, 2, 3, 4), 1)).toEqual(bytes(1, 2, 3, 4))
    expect(withEachReversed(bytes(1, 2, 3, 4), 2)).toEqual(bytes(2, 1, 4, 3))
    expect(withEachReversed(bytes(1, 2, 3, 4, 5, 6, 7, 8), 4)).toEqual(bytes(4, 3, 2, 1, 8, 7, 6, 5))
  })
})

describe('isTypedArrayName', () => {
  it('knows its own, and no name that every object has', () => {
    expect(Object.keys(typedArrays).every(isTypedArrayName)).toBe(true)
    expect(['Uint8Array', 'DataView', 'toString', '__proto__', ''].some(isTypedArrayName)).toBe(false)
  })
})
