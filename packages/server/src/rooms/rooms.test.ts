import { defineContract, room } from '@typewire/core'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type CompiledRoomKind, compileRoomKinds } from '../compile.ts'
import type { PeerSession } from '../peer-session.ts'
import type { Room } from './room.ts'
import { InOrder } from '../in-order.ts'
import { identify, type RoomIdentity, Rooms } from './rooms.ts'

const kinds = compileRoomKinds(
  defineContract({
    rooms: {
      lobby: room({}),
      chat: room({ params: z.object({ roomId: z.string(), lang: z.string().default('en') }) }),
      chats: room({ params: z.object({ roomId: z.string(), lang: z.string().default('en') }) }),
      byNumber: room({ params: z.number() }),
      byText: room({ params: z.string() }),
      day: room({ params: z.object({ at: z.date() }) }),
      anything: room({ params: z.any() }),
      slow: room({ params: z.string().refine(async () => true) }),
    },
  }),
)
const kind = (name: string): CompiledRoomKind => kinds.get(name)!

function keyOf(name: string, params?: unknown): string {
  const identity = identify(kind(name), params)
  if ('key' in identity) return identity.key
  throw new Error(JSON.stringify(identity))
}

describe('identify', () => {
  it('is one for equal params, whatever the order of their keys, as their schema gives them (RM-1)', () => {
    const key = keyOf('chat', { roomId: '42', lang: 'en' })
    expect(keyOf('chat', { lang: 'en', roomId: '42' })).toBe(key)
    expect(keyOf('chat', { roomId: '42' })).toBe(key)
    expect(keyOf('chat', { roomId: '42', other: 1 })).toBe(key)
    expect(keyOf('chat', { roomId: '42', lang: undefined })).toBe(key)
    expect(key).toBe('chat {"lang":"en","roomId":"42"}')
  })

  it('is another for another kind, or other params (RM-1)', () => {
    const keys = [
      keyOf('lobby'),
      keyOf('chat', { roomId: '42' }),
      keyOf('chat', { roomId: '43' }),
      keyOf('chats', { roomId: '42' }),
      keyOf('byNumber', 1),
      keyOf('byText', '1'),
      keyOf('byText', ''),
      keyOf('byText', ' '),
      keyOf('day', { at: new Date(0) }),
      keyOf('day', { at: new Date(1) }),
      ...[undefined, null, 0, '', 'null', [], {}, new Date(0), new Date(0).toISOString()].map((params) =>
        keyOf('anything', params),
      ),
    ]
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('gives the params as their schema gave them, with their kind', () => {
    expect(identify(kind('chat'), { roomId: '42', other: 1 })).toMatchObject({
      kind: kind('chat'),
      params: { roomId: '42', lang: 'en' },
    })
  })

  it('says what is wrong with params', () => {
    expect(identify(kind('chat'), { roomId: 42 })).toMatchObject([{ path: ['roomId'] }])
    expect(identify(kind('lobby'), {})).toMatchObject([{ message: 'Nothing is declared here, so nothing may be sent' }])
  })

  it('says what is wrong with params that cannot travel', () => {
    expect(identify(kind('anything'), { f: () => {} })).toMatchObject([{ path: [] }])
  })

  it('refuses a schema that answers with a promise', () => {
    expect(() => identify(kind('slow'), 'x')).toThrow(
      new TypeError('Room slow: its params schema answers with a promise. Use one that validates at once.'),
    )
  })
})

describe('Rooms', () => {
  const identityOf = (roomId: string) => identify(kind('chat'), { roomId }) as RoomIdentity
  const member = (id = 'm') => ({ id, wire: { send: vi.fn<(frame: object) => void>() } }) as unknown as PeerSession
  const setUp = () => {
    const onError = vi.fn<(error: unknown, key: string) => void>()
    const newOrder = (key: string) => new InOrder((error) => onError(error, key))
    return { rooms: new Rooms(newOrder), onError }
  }

  it('makes a room when it is asked for first, and gives the same one while it has members', () => {
    const { rooms } = setUp()
    const identity = identityOf('42')
    expect(rooms.find(identity.key)).toBeUndefined()
    const made = rooms.findOrCreate(identity)
    made.members.add(member())
    expect(rooms.findOrCreate(identityOf('42'))).toBe(made)
    expect(rooms.find(identity.key)).toBe(made)
    expect(rooms.size).toBe(1)
    expect(made).toMatchObject({ kind: kind('chat'), key: identity.key, params: { roomId: '42', lang: 'en' } })
  })

  it('forgets a room without members, and no other', () => {
    const { rooms } = setUp()
    const [one, other] = [rooms.findOrCreate(identityOf('1')), rooms.findOrCreate(identityOf('2'))]
    const last = member()
    one.members.add(last)
    other.members.add(last)
    rooms.forgetIfEmpty(one)
    expect(rooms.size).toBe(2)
    one.members.delete(last)
    rooms.forgetIfEmpty(one)
    expect([rooms.find(one.key), rooms.find(other.key)]).toEqual([undefined, other])
  })

  it('never gives a number twice (RM-2)', () => {
    const { rooms } = setUp()
    const numbers: number[] = []
    for (const roomId of ['1', '2', '1', '1']) {
      const made: Room = rooms.findOrCreate(identityOf(roomId))
      numbers.push(made.number)
      rooms.forgetIfEmpty(made)
    }
    expect(numbers).toEqual([1, 2, 3, 4])
  })

  it('does not forget a room that took the place of one without members', () => {
    const { rooms } = setUp()
    const old = rooms.findOrCreate(identityOf('1'))
    rooms.forgetIfEmpty(old)
    const anew = rooms.findOrCreate(identityOf('1'))
    anew.members.add(member())
    rooms.forgetIfEmpty(old)
    expect(rooms.find(anew.key)).toBe(anew)
  })

  it('tells onError which room an event of it failed in', async () => {
    const { rooms, onError } = setUp()
    const made = rooms.findOrCreate(identityOf('1'))
    const error = new Error('refused by its schema')
    made.order.run(Promise.reject(error), () => {})
    await new Promise(setImmediate)
    expect(onError.mock.calls).toEqual([[error, made.key]])
  })
})

describe('Room.send', () => {
  it('queues one frame, the same, at every member that is not excluded', () => {
    const made = new Rooms(() => new InOrder(() => {})).findOrCreate(identify(kind('lobby'), undefined) as RoomIdentity)
    const sent: [string, object][] = []
    for (const id of ['a', 'b', 'c']) {
      const wire = { send: (frame: object) => void sent.push([id, frame]) }
      made.members.add({ id, wire } as unknown as PeerSession)
    }
    const frame = { text: '[25,0,1,"message",0]' }
    made.send(frame, new Set(['b', 'other']))
    expect(sent.map(([id]) => id)).toEqual(['a', 'c'])
    expect(sent.every(([, given]) => given === frame)).toBe(true)
  })

  it('goes on where a member leaves while it is sent to', () => {
    const made = new Rooms(() => new InOrder(() => {})).findOrCreate(identify(kind('lobby'), undefined) as RoomIdentity)
    const sent: string[] = []
    for (const id of ['a', 'b', 'c']) {
      const member = {
        id,
        wire: {
          send: () => {
            sent.push(id)
            made.members.delete(member as unknown as PeerSession)
          },
        },
      }
      made.members.add(member as unknown as PeerSession)
    }
    made.send({ text: '' }, new Set())
    expect(sent).toEqual(['a', 'b', 'c'])
  })
})
