import { describe, expect, test } from 'vitest'
import type { PeerSession } from '../peer-session.ts'
import { PresenceOutbox } from './presence-outbox.ts'

const nobody = {} as PeerSession

function outbox(maxLength = 100) {
  const made = new PresenceOutbox(maxLength)
  /** `length`: of this word alone. */
  const set = (sessionId: string, word: string, isNew = false, length = 1) =>
    made.set(sessionId, [sessionId, word], { length, isNew })
  return { made, set }
}

describe('PresenceOutbox', () => {
  test('gathers what changes in order; a later word takes the place of an earlier one', () => {
    const { made, set } = outbox()
    set('a', '1', true)
    set('b', '1', true)
    set('a', '2')
    made.remove('b')
    set('b', '2', true)
    const { changes, isAnew, from } = made.take()
    expect(changes).toEqual([['a', '2'], ['b', '1'], 'b', ['b', '2']])
    expect([isAnew, from(nobody)]).toEqual([false, 0])
    expect(made.take().changes).toEqual([])
  })

  test('leaves what somebody has been shown as it is, and tells the session from there on', () => {
    const { made, set } = outbox()
    const shown = {} as PeerSession
    set('a', '1', true)
    made.onShown(shown)
    set('a', '2')
    set('a', '3')
    const { changes, from } = made.take()
    expect(changes).toEqual([
      ['a', '1'],
      ['a', '3'],
    ])
    expect([from(shown), from(nobody)]).toEqual([1, 0])
    set('a', '4')
    expect(made.take().from(shown)).toBe(0)
  })

  test('of what is taken out nothing changes any more', () => {
    const { made, set } = outbox()
    set('a', '1', true)
    const { changes } = made.take()
    set('a', '2')
    made.reset()
    expect(changes).toEqual([['a', '1']])
  })

  test('holds so much; beyond it all are told anew, and of what follows nothing is left over', () => {
    const { made, set } = outbox(10)
    set('a', '1', true, 10)
    expect(made.take().isAnew).toBe(false)
    set('a', '2', true, 10)
    set('b', '1', true)
    set('b', '2')
    made.remove('a')
    expect(made.take()).toMatchObject({ isAnew: true, changes: [] })
    set('b', '3')
    expect(made.take()).toMatchObject({ isAnew: false, changes: [['b', '3']] })
  })
})
