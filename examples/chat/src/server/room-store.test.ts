import { describe, expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { RoomStore } from './room-store.ts'

describe('RoomStore', () => {
  test('takes names that people take for the same as one room', () => {
    const store = new RoomStore()
    expect(store.find('tea  KITCHEN')).toMatchObject({ id: 'tea-kitchen', name: 'Tea kitchen' })
  })

  test('makes no more rooms than its bound', () => {
    const store = new RoomStore()
    const given = store.rooms().length
    for (let count = given + 1; count <= limits.rooms; count++) expect(store.create(`Room ${count}`)).toBeDefined()
    expect(store.create('One more')).toBeUndefined()
    expect(store.rooms()).toHaveLength(limits.rooms)
  })

  test('remembers what was said last, as much as the history keeps', () => {
    const store = new RoomStore()
    for (let count = 0; count <= limits.messagesPerRoom; count++) store.remember('lobby', `${count}`)
    expect(store.hasSaid('lobby', '0')).toBe(false)
    expect(store.hasSaid('lobby', '1')).toBe(true)
    expect(store.hasSaid('lobby', `${limits.messagesPerRoom}`)).toBe(true)
    expect(store.hasSaid('workshop', '1')).toBe(false)
  })

  test('has no room by a name that every object has', () => {
    expect(new RoomStore().has('constructor')).toBe(false)
  })
})
