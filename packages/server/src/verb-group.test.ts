import { describe, expect, it } from 'vitest'
import { verbGroups } from './verb-group.ts'

type Verbs = Readonly<Record<string, (...args: unknown[]) => unknown>>

function setUp() {
  const log: unknown[][] = []
  const made: string[] = []
  const group = verbGroups(['message', 'typing'], (target: string, name) => {
    made.push(name)
    return (...args: unknown[]) => void log.push([target, name, ...args])
  }) as (target: string) => Verbs
  return { group, log, made }
}

describe('verbGroups', () => {
  it('makes groups of a target, whose verbs act on it', () => {
    const { group, log } = setUp()
    const [one, other] = [group('one'), group('other')]
    one['message']!('a')
    other['typing']!()
    expect(log).toEqual([
      ['one', 'message', 'a'],
      ['other', 'typing'],
    ])
  })

  it('makes a verb when it is read, and none before', () => {
    const { group, made } = setUp()
    const one = group('one')
    expect(made).toEqual([])
    void one['typing']
    expect(made).toEqual(['typing'])
  })

  it('can be taken apart', () => {
    const { group, log } = setUp()
    const { message } = group('one')
    message!('a')
    expect(log).toEqual([['one', 'message', 'a']])
  })

  it('has the names that it was given, and no others', () => {
    const { group } = setUp()
    const one = group('one')
    expect('message' in one && 'typing' in one).toBe(true)
    expect([one['other'], one['then'], one['toJSON']]).toEqual([undefined, undefined, undefined])
    const names = []
    for (const name in one) names.push(name)
    expect(names).toEqual(['message', 'typing'])
  })

  it('cannot be changed by name: a verb is what it is', () => {
    const { group } = setUp()
    const one = group('one') as Record<string, unknown>
    expect(() => (one['message'] = 1)).toThrow(TypeError)
  })

  it('sends nothing when it is printed or compared', () => {
    const { group, log } = setUp()
    expect(group('one')).toEqual(group('one'))
    JSON.stringify(group('one'))
    expect(log).toEqual([])
  })
})
