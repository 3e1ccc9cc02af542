import { describe, expect, it } from 'vitest'
import { assertName, isName, maxNameLength } from './names.ts'

const names = ['a', 'Z', 'send', 'a1_b2', 'constructors', 'thenable', 'x'.repeat(maxNameLength)]
const reserved = [
  ...[
    'constructor',
    'hasOwnProperty',
    'isPrototypeOf',
    'propertyIsEnumerable',
    'toLocaleString',
    'toString',
    'valueOf',
  ],
  ...['then', 'catch', 'finally', 'toJSON', 'prototype', 'inspect'],
  ...['nodeType', 'tagName', 'hasAttribute', 'asymmetricMatch'],
]
const malformed = ['', ' ', '1a', '_a', '$join', 'a-b', 'a.b', 'a b', 'a\n', 'ü', 'aé', '__proto__', '__defineGetter__']

describe('isName', () => {
  it.each(names)('is true for %s', (name) => {
    expect(isName(name)).toBe(true)
  })

  it.each([...reserved, ...malformed, 'x'.repeat(maxNameLength + 1)])('is false for %j', (name) => {
    expect(isName(name)).toBe(false)
  })

  it('is false for every member that an object has by itself', () => {
    expect(Object.getOwnPropertyNames(Object.prototype).filter(isName)).toEqual([])
  })
})

describe('assertName', () => {
  it('lets a name pass', () => {
    expect(() => assertName('send', 'procedures')).not.toThrow()
  })

  it('says which name is reserved, where, and why', () => {
    expect(() => assertName('then', 'procedures')).toThrow(
      new TypeError(
        'defineContract: the name "then" in procedures is reserved: JavaScript, promises or test tools ask for it on any object. Choose another name.',
      ),
    )
  })

  it('says what a name must be', () => {
    expect(() => assertName('a-b', 'rooms.chat.events.toServer')).toThrow(
      new TypeError(
        'defineContract: the name "a-b" in rooms.chat.events.toServer must be a letter followed by letters, digits or _, at most 128 characters. Choose another name.',
      ),
    )
  })
})
