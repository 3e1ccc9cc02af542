import { format, inspect } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { verbGroup } from './verbs.ts'

function setUp() {
  const calls: unknown[][] = []
  const made: string[] = []
  const group = verbGroup('call', (name) => {
    made.push(name)
    return (...args: unknown[]) => {
      calls.push([name, ...args])
      return name
    }
  })
  return { group, calls, made }
}

describe('verbGroup', () => {
  it('reads any name of a contract as its verb', () => {
    const { group, calls } = setUp()
    expect(group['send']!('a', 'b')).toBe('send')
    expect(calls).toEqual([['send', 'a', 'b']])
  })

  it('makes a verb once: it is the same each time that it is read', () => {
    const { group, made } = setUp()
    expect(group['send']).toBe(group['send'])
    expect(group['send']).not.toBe(group['list'])
    expect(made).toEqual(['send', 'list'])
  })

  it('names its verbs by their path, which isErrorOf reads', () => {
    const { group } = setUp()
    expect(group['send']!.name).toBe('call.send')
  })

  it('can be taken apart', () => {
    const { group, calls } = setUp()
    const { send } = group
    send!()
    expect(calls).toEqual([['send']])
  })

  const noNames = [
    ...['then', 'catch', 'finally', 'toJSON', 'constructor', 'toString', 'valueOf', '__proto__', 'prototype'],
    ...['inspect', 'asymmetricMatch', '$$typeof', '$join', 'a-b', ''],
  ]

  it.each(noNames)('reads no verb under what is no name: %j', (name) => {
    const { group, made } = setUp()
    expect(group[name]).toBeUndefined()
    expect(name in group).toBe(false)
    expect(made).toEqual([])
  })

  it('reads no verb under a symbol', () => {
    const { group } = setUp()
    const read = (symbol: symbol): unknown => Reflect.get(group, symbol)
    expect([Symbol.iterator, Symbol.asyncIterator, Symbol.toPrimitive, Symbol.dispose].map(read)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('calls nothing when it is awaited, printed, written, compared or walked', async () => {
    const { group, calls } = setUp()
    expect(await Promise.resolve(group)).toBe(group)
    expect(inspect(group)).toContain('Typewire.call')
    expect(format('%o %O %j', group, group, group)).toContain('Typewire.call')
    expect(JSON.stringify({ group })).toBe('{"group":{}}')
    expect(Object.prototype.toString.call(group)).toBe('[object Typewire.call]')
    expect(group).toEqual(group)
    expect([group]).toContainEqual(group)
    expect([...Object.keys(group), ...Object.entries(group)]).toEqual([])
    expect({ ...group }).toEqual({})
    expect(calls).toEqual([])
  })

  it('has every name of a contract', () => {
    const { group } = setUp()
    expect('send' in group).toBe(true)
    expect(Object.hasOwn(group, 'send')).toBe(true)
  })

  it('lets a spy replace a verb, and gives it back', () => {
    const { group, calls } = setUp()
    const spied = group as Record<string, (...args: unknown[]) => unknown>
    const before = spied['send']
    const spy = vi.spyOn(spied, 'send').mockReturnValue('spied')
    expect(spied['send']!('a')).toBe('spied')
    expect(spy).toHaveBeenCalledWith('a')
    spy.mockRestore()
    expect(spied['send']).toBe(before)
    spied['send']!('b')
    expect(calls).toEqual([['send', 'b']])
  })
})
