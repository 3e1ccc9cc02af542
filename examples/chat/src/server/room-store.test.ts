import { describe, expect, test } from 'vitest'
import { limits } from '../limits.ts'
import { RoomStore } from './room-store.ts'

const ada = { id: 'a', name: 'Ada' }

describe('RoomStore', () => {
  test('keeps the last messages of a room, in their order', () => {
    const store = new RoomStore()
    for (let count = 1; count <= limits.messagesPerRoom + 1; count++) store.addMessage('lobby', ada, String(count))
    const texts = store.messages('lobby')?.map(({ text }) => text)
    expect(texts).toHaveLength(limits.messagesPerRoom)
    expect([texts?.at(0), texts?.at(-1)]).toEqual(['2', String(limits.messagesPerRoom + 1)])
  })

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

  test('has no messages for a room that is not there', () => {
    const store = new RoomStore()
    expect(store.messages('nowhere')).toBeUndefined()
    expect(store.addMessage('nowhere', ada, 'Hello')).toBeUndefined()
    expect(store.has('constructor')).toBe(false)
  })
})
