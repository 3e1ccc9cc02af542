import { describe, expect, it } from 'vitest'
import { isTypewireError } from '../errors/typewire-error.ts'
import { type RichType, richTypes, wholePayload } from './annotations.ts'
import { PayloadError } from './payload-error.ts'
import { revive } from './revive.ts'

function isRefused(type: RichType, json: unknown): boolean {
  try {
    revive(type, json, wholePayload)
    return false
  } catch (error) {
    return error instanceof PayloadError
  }
}

const named = (name: string, message: string) => Object.assign(new Error(message), { name })

describe('revive', () => {
  it.each<[RichType, unknown, unknown]>([
    ['undefined', null, undefined],
    ['Date', '1970-01-01T00:00:00.005Z', new Date(5)],
    ['Date', '+275760-09-13T00:00:00.000Z', new Date(8.64e15)],
    ['bigint', '-170141183460469231731687303715884105728', -(2n ** 127n)],
    ['number', 'NaN', Number.NaN],
    ['number', 'Infinity', Number.POSITIVE_INFINITY],
    ['number', '-Infinity', Number.NEGATIVE_INFINITY],
    ['number', '-0', -0],
    ['URL', 'https://example.com/a?b#c', new URL('https://example.com/a?b#c')],
    ['set', [1, 1, 2], new Set([1, 2])],
    ['map', [['a', 1]], new Map([['a', 1]])],
    ['Error', { name: 'Error', message: '' }, new Error('')],
    ['Error', { message: 'no', name: 'TypeError', stack: 'at home', cause: 1 }, named('TypeError', 'no')],
    ['regexp', '/a\\/[/]b/gi', /a\/[/]b/gi],
    ['regexp', '/\n/', /\n/],
  ])('builds %s of %j', (type, json, value) => {
    expect(revive(type, json, wholePayload)).toStrictEqual(value)
  })

  const texts = ['', ' ', 'x', '5 ', '1e3', '0x10', '1.5', '+5', '--5', '1n', 'infinity', 'nan', '-', '//', 'http://']

  it.each<[RichType, unknown[]]>([
    ['undefined', [0, '', false, 'null', [], {}, undefined]],
    ['Date', [null, 0, 1, true, [], {}, '', 'x', 'Invalid Date', ['1970-01-01'], undefined]],
    ['bigint', [null, 5, true, [], {}, ['5'], undefined, ...texts]],
    ['number', [null, 5, true, [], {}, '5', ['NaN'], undefined, ...texts]],
    ['URL', [null, 5, true, [], {}, ['https://example.com'], '/relative', 'example.com', undefined, ...texts]],
    ['set', [null, 5, true, 'abc', {}, { length: 2 }, undefined]],
    [
      'Error',
      [null, 5, 'no', [], {}, { name: 'E' }, { message: 'm' }, { name: 1, message: 'm' }, new Error('m'), undefined],
    ],
    ['regexp', [null, 5, {}, ['/a/'], 'a', '/a', '//', '/a/x', '/(/', '/a/gg', 'a/b/g', '/a/g\n', undefined, ...texts]],
    ['map', [null, 5, true, 'abc', {}, ['ab'], [[]], [['a']], [['a', 1, 2]], [{ 0: 'a', 1: 1 }], [null], undefined]],
  ])('refuses for %s what it is not written as', (type, jsons) => {
    const accepted = jsons.filter((json) => !isRefused(type, json))
    expect(accepted).toEqual([])
  })

  it('builds a plain Error, which has neither the stack nor the cause that is claimed, and no other of its own', () => {
    const json = { name: 'TypewireError', message: 'm', stack: 'at /home', cause: { a: 1 }, code: 'INTERNAL' }
    const error = revive('Error', json, wholePayload) as Error
    expect(Object.getPrototypeOf(error)).toBe(Error.prototype)
    expect(error.stack).toBe('TypewireError: m')
    expect(Object.keys(error)).toEqual(['name'])
    expect(isTypewireError(error)).toBe(false)
    expect(error.cause).toBeUndefined()
  })

  it('builds an integer of as many digits as are allowed, and refuses one of more', () => {
    expect(revive('bigint', '9'.repeat(4_096), wholePayload)).toBe(10n ** 4_096n - 1n)
    expect(() => revive('bigint', '9'.repeat(4_097), wholePayload)).toThrow(PayloadError)
  })

  it.each(Object.keys(richTypes) as RichType[])('names the place in its error: %s', (type) => {
    expect(() => revive(type, { no: 1 }, { within: wholePayload, path: ['a', 'b'], depth: 2 })).toThrow(
      `a.b is not what a ${type} is written as`,
    )
  })
})
