import { describe, expect, it } from 'vitest'
import { firstCountedKind, type FrameEntry, frameMeanings, type FrameName, frames } from './frames.ts'

const rows = Object.entries(frames) as [string, FrameEntry][]

describe('frames', () => {
  it('gives each kind one name', () => {
    expect(new Set(rows.map(([, { kind }]) => kind)).size).toBe(rows.length)
  })

  // These numbers are the wire of version 1: a change here is another protocol.
  it('has the numbers that it has', () => {
    expect(Object.fromEntries(rows.map(([name, { kind }]) => [name, kind]))).toEqual({
      hello: 0,
      welcome: 1,
      gone: 2,
      close: 3,
      ping: 4,
      pong: 5,
      ack: 6,
      volatileEvent: 8,
      drain: 9,
      noop: 16,
      call: 17,
      result: 18,
      error: 19,
      item: 20,
      end: 21,
      credit: 22,
      cancel: 23,
      event: 24,
      roomEvent: 25,
      position: 26,
      presence: 27,
      left: 28,
      joined: 29,
      closed: 30,
    })
  })

  it('counts what carries something, and nothing else', () => {
    const counted = rows.filter(([, { kind }]) => kind >= firstCountedKind).map(([name]) => name)
    const atRooms = ['roomEvent', 'position', 'presence', 'left', 'joined']
    const ofCalls = ['call', 'result', 'error', 'item', 'end', 'credit', 'cancel']
    expect(counted).toEqual(['noop', ...ofCalls, 'event', ...atRooms, 'closed'])
  })

  it.each(rows)('says what it means: %s', (name) => {
    expect(frameMeanings[name as FrameName]).toMatch(/^[A-Z].+[^.]$/)
  })

  it.each(rows)('ends with its payload, where it has one: %s', (_, { elements }) => {
    const types = Object.values(elements)
    expect([-1, types.length - 1]).toContain(types.indexOf('payload'))
  })
})
