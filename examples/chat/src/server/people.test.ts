import { describe, expect, test } from 'vitest'
import { People } from './people.ts'

const ada = { id: 'a', name: 'Ada' }
const otherAda = { id: 'b', name: ' ＡＤＡ'.trim() }

describe('People', () => {
  test('keeps a name for one person, in all of their tabs, until the last has gone', () => {
    const people = new People()
    expect(people.enter(ada)).toBe(true)
    expect(people.enter(ada)).toBe(true)
    people.leave(ada)
    expect(people.isTaken(otherAda)).toBe(true)
    expect(people.enter(otherAda)).toBe(false)
    people.leave(ada)
    expect(people.enter(otherAda)).toBe(true)
  })

  test('lets a person say five things at once, and no sixth', () => {
    const people = new People()
    people.enter(ada)
    for (let count = 1; count <= 5; count++) expect(people.waitMs(ada)).toBe(0)
    expect(people.waitMs(ada)).toBeGreaterThan(0)
  })
})
