import { defineContract, event, room } from '@typewire/core'
import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type CompiledRoomKind, compileRoomKinds } from '../compile.ts'
import { Namespace } from '../namespace.ts'
import type { PeerSession } from '../peer-session.ts'
import { Room } from './room.ts'
import { identify, type RoomIdentity, Rooms, shownRoom } from './rooms.ts'

const kinds = compileRoomKinds(
  new Namespace(
    defineContract({
      rooms: {
        lobby: room({ events: { toClient: { said: event(z.number()) } } }),
        chat: room({ params: z.object({ roomId: z.string(), lang: z.string().default('en') }) }),
        chats: room({ params: z.object({ roomId: z.string(), lang: z.string().default('en') }) }),
        byNumber: room({ params: z.number() }),
        byText: room({ params: z.string() }),
        day: room({ params: z.object({ at: z.date() }) }),
        anything: room({ params: z.any() }),
        slow: room({ params: z.string().refine(async () => true) }),
      },
    }),
  ),
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

describe('shownRoom', () => {
  const shown = (name: string, params?: unknown) => shownRoom({ kind: kind(name), params })

  it('names a room as its code does', () => {
    expect(shown('lobby')).toBe('lobby')
    expect(shown('chat', { roomId: '42', lang: 'en' })).toBe("chat { roomId: '42', lang: 'en' }")
    expect(shown('byNumber', 7)).toBe('byNumber 7')
    expect(shown('day', { at: new Date(0) })).toBe('day { at: 1970-01-01T00:00:00.000Z }')
  })

  it('is one short line, whatever the params', () => {
    for (const params of [
      'x'.repeat(1_000),
      'line\nline',
      Array.from({ length: 100 }, (_, n) => `${n}`.repeat(100)),
      Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key${n}`, n])),
    ]) {
      expect(shown('anything', params).length).toBeLessThan(220)
      expect(shown('anything', params)).not.toContain('\n')
    }
  })
})

describe('Rooms', () => {
  const identityOf = (roomId: string) => identify(kind('chat'), { roomId }) as RoomIdentity
  const member = (id = 'm') => ({ id, wire: { send: vi.fn<(frame: object) => void>() } }) as unknown as PeerSession
  const setUp = () => {
    const log: string[] = []
    const rooms = new Rooms({
      begin: ({ number }) => void log.push(`begin ${number}`),
      end: ({ number }) => void log.push(`end ${number}`),
    })
    /** Lets somebody in. */
    const join = (roomId: string, who: PeerSession) => {
      const made = rooms.enter(identityOf(roomId))
      made.members.add(who)
      rooms.exit(made)
      return made
    }
    return { rooms, log, join }
  }

  it('makes a room when somebody enters first, and gives the same one while it has members', () => {
    const { rooms, log, join } = setUp()
    const { key } = identityOf('42')
    expect(rooms.find(key)).toBeUndefined()
    const made = join('42', member())
    expect(join('42', member())).toBe(made)
    expect(rooms.find(key)).toBe(made)
    expect(rooms.size).toBe(1)
    expect(log).toEqual(['begin 1'])
    expect(made).toMatchObject({ kind: kind('chat'), key, params: { roomId: '42', lang: 'en' } })
  })

  it('forgets a room without members, and no other', () => {
    const { rooms, log, join } = setUp()
    const last = member()
    const [one, other] = [join('1', last), join('2', last)]
    rooms.forgetIfEmpty(one)
    expect(rooms.size).toBe(2)
    one.members.delete(last)
    rooms.forgetIfEmpty(one)
    expect([rooms.find(one.key), rooms.find(other.key)]).toEqual([undefined, other])
    expect(log).toEqual(['begin 1', 'begin 2', 'end 1'])
  })

  it('keeps a room that somebody is about to enter, and forgets it when nobody has', () => {
    const { rooms, log } = setUp()
    const [first, second] = [rooms.enter(identityOf('1')), rooms.enter(identityOf('1'))]
    expect(second).toBe(first)
    rooms.exit(first)
    expect(rooms.find(first.key)).toBe(first)
    rooms.exit(second)
    expect(rooms.size).toBe(0)
    expect(log).toEqual(['begin 1', 'end 1'])
  })

  it('forgets at once a room that cannot open, so that who comes next tries again', async () => {
    const failure = new Error('the broker failed')
    let failures = 1
    const ended: number[] = []
    const rooms = new Rooms({
      begin: async () => {
        if (failures-- > 0) throw failure
      },
      end: ({ number }) => void ended.push(number),
    })
    const first = rooms.enter(identityOf('1'))
    await expect(first.opened).rejects.toBe(failure)
    const second = rooms.enter(identityOf('1'))
    expect([first.number, second.number]).toEqual([1, 2])
    rooms.exit(first)
    expect(ended).toEqual([1])
    await second.opened
    expect(second.opened).toBeUndefined()
    expect(rooms.find(second.key)).toBe(second)
  })

  it('never gives a number twice (RM-2)', () => {
    const { rooms } = setUp()
    const numbers: number[] = []
    for (const roomId of ['1', '2', '1', '1']) {
      const made = rooms.enter(identityOf(roomId))
      numbers.push(made.number)
      rooms.exit(made)
    }
    expect(numbers).toEqual([1, 2, 3, 4])
  })

  it('does not forget a room that took the place of one without members', () => {
    const { rooms, join } = setUp()
    const old = rooms.enter(identityOf('1'))
    rooms.exit(old)
    const anew = join('1', member())
    rooms.forgetIfEmpty(old)
    expect(rooms.find(anew.key)).toBe(anew)
  })
})

describe('Room.deliver', () => {
  const lobby = () => new Room(1, kind('lobby'), undefined, 'lobby')
  const said = { event: 'said', payload: ',1' }

  it('queues one frame, the same, at every member that is not excluded', () => {
    const made = lobby()
    const sent: [string, object][] = []
    for (const id of ['a', 'b', 'c']) {
      const wire = { send: (frame: object) => void sent.push([id, frame]) }
      made.members.add({ id, wire } as unknown as PeerSession)
    }
    made.deliver({ ...said, except: ['b', 'other'] })
    expect(sent.map(([id]) => id)).toEqual(['a', 'c'])
    expect(sent[0]![1]).toEqual({ text: '[25,0,1,"said",0,1]' })
    expect(sent[1]![1]).toBe(sent[0]![1])
  })

  it('goes on where a member leaves while it is sent to', () => {
    const made = lobby()
    const sent: string[] = []
    for (const id of ['a', 'b', 'c']) {
      const wire = {
        send: () => {
          sent.push(id)
          made.members.delete(member)
        },
      }
      const member = { id, wire } as unknown as PeerSession
      made.members.add(member)
    }
    made.deliver(said)
    expect(sent).toEqual(['a', 'b', 'c'])
  })

  it('passes over an event that this contract does not have', () => {
    const made = lobby()
    const send = vi.fn<(frame: object) => void>()
    made.members.add({ id: 'a', wire: { send } } as unknown as PeerSession)
    made.deliver({ event: 'constructor', payload: '' })
    expect(send).not.toHaveBeenCalled()
  })
})
