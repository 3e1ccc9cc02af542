import { describe, expect, it } from 'vitest'
import { MemberList } from './member-list.ts'

const ids = (list: MemberList<unknown>) =>
  list.show().map(({ id, entries }) => [id, ...entries.map((e) => e.sessionId)])

describe('MemberList', () => {
  it('gathers entries by member, each in the order in which it came', () => {
    const list = new MemberList<number>()
    list.set('s1', 'ada', 1)
    list.set('s2', null, 2)
    list.set('s3', 'ada', 3)
    expect(list.show()).toEqual([
      {
        id: 'ada',
        entries: [
          { sessionId: 's1', data: 1 },
          { sessionId: 's3', data: 3 },
        ],
      },
      { id: 's2', entries: [{ sessionId: 's2', data: 2 }] },
    ])
    expect([...list.values()]).toEqual([1, 3, 2])
    expect([list.memberCount, list.entryCount, list.get('s3'), list.get('s4')]).toEqual([2, 3, 3, undefined])
  })

  it('keeps a member in its place while it has an entry, and an entry while it is set again', () => {
    const list = new MemberList<number>()
    list.set('s1', 'ada', 1)
    list.set('s2', 'bob', 2)
    list.set('s3', 'ada', 3)
    list.set('s1', 'ada', 4)
    list.delete('s1')
    list.delete('s1')
    expect(ids(list)).toEqual([
      ['ada', 's3'],
      ['bob', 's2'],
    ])
    list.delete('s3')
    list.set('s3', 'ada', 3)
    expect(ids(list)).toEqual([
      ['bob', 's2'],
      ['ada', 's3'],
    ])
  })

  it('shows the same object for a member that has not changed', () => {
    const list = new MemberList<number>()
    list.set('s1', 'ada', 1)
    list.set('s2', 'bob', 2)
    const [ada, bob] = list.show()
    list.set('s2', 'bob', 3)
    expect(list.show()[0]).toBe(ada)
    expect(list.show()[1]).not.toBe(bob)
    expect(bob?.entries).toEqual([{ sessionId: 's2', data: 2 }])
  })

  it('takes any string for what it is', () => {
    const list = new MemberList<string>()
    const names = ['__proto__', 'constructor', '', 'hasOwnProperty']
    for (const name of names) list.set(`s ${name}`, name, name)
    list.set('x', null, 'a session')
    list.set('y', 'x', 'an identity')
    expect(ids(list)).toEqual([...names.map((name) => [name, `s ${name}`]), ['x', 'x'], ['x', 'y']])
    for (const name of names) list.delete(`s ${name}`)
    list.delete('x')
    expect(ids(list)).toEqual([['x', 'y']])
  })
})
