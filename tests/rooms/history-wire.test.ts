// The clauses on histories (HI), by hand.

import { frames } from '@typewire/core/internal'
import type { RawPeer } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { rawServer } from '../client/clients.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { hear, historyLab, type HistoryLabOptions, joinByHand, listen, readable } from './stage.ts'

failOnUnhandledRejections()

async function start(options?: HistoryLabOptions) {
  const lab = await historyLab(options)
  const peer = async (instance = 'first') => {
    const made = await lab.peer()
    await made.hello({ instance })
    return made
  }
  return { lab, peer }
}

async function page(peer: RawPeer, room: number, wish: object, id: number) {
  peer.send([frames.call.kind, id, '$history', 0, { room, ...wish }])
  for (;;) {
    const frame = await peer.read()
    if (frame[1] === id) return frame
  }
}

describe('a room with a history', () => {
  test('HI-1: numbers its events, in an epoch', async () => {
    const { lab, peer } = await start()
    const member = await peer()
    const { epoch, offset } = await joinByHand(member)
    expect([typeof epoch, offset]).toEqual(['string', 0])
    lab.say(1, 2)
    expect(await member.read()).toEqual([frames.roomEvent.kind, 0, 1, 'said', { offset: 1 }, { text: '1' }])
    expect(await hear(member, 1)).toEqual(['2:2'])
    expect(await joinByHand(await peer())).toEqual({ room: 1, epoch, offset: 2 })
  })

  test('HI-1: has offsets in events that ask for acks, too', async () => {
    const { lab, peer } = await start()
    const member = await peer()
    await joinByHand(member)
    void lab.room().emitWithAck.said({ text: '1' }, { timeoutMs: 10 })
    expect((await member.read()).slice(3)).toEqual(['said', { receipt: true, offset: 1 }, { text: '1' }])
    const late = await peer()
    expect(await joinByHand(late, { last: 1 })).toMatchObject({ offset: 0 })
    expect(await hear(late, 1)).toEqual(['1:1'])
    await lab.clock.advance(10)
  })

  test('HI-2: gives the last events behind the answer, before what is live', async () => {
    const { lab, peer } = await start({ history: { limit: 3 } })
    const first = await peer()
    await joinByHand(first)
    lab.say(1, 5)
    const two = await peer()
    expect(await joinByHand(two, { last: 2 })).toMatchObject({ offset: 3 })
    lab.say(6)
    expect(await hear(two, 3)).toEqual(['4:4', '5:5', '6:6'])
    const all = await peer()
    const answer = await joinByHand(all, { last: 50 })
    expect(answer).toMatchObject({ offset: 3 })
    expect(answer).not.toHaveProperty('recovered')
    expect(await hear(all, 3)).toEqual(['4:4', '5:5', '6:6'])
  })

  test('HI-2: gives as many of the last events as may be sent at once', async () => {
    const { lab, peer } = await start({ server: { maxBufferBytes: 4_000 } })
    await joinByHand(await peer())
    for (let n = 0; n < 6; n++) lab.room().emit.said({ text: `${n}`.padEnd(400, '.') })
    await quiet()
    const member = await peer()
    expect(await joinByHand(member, { last: 6 })).toMatchObject({ offset: 2 })
    expect((await hear(member, 4)).map((text) => text.slice(0, 3))).toEqual(['3:2', '4:3', '5:4', '6:5'])
  })

  test.each([
    ['since', { since: 5 }],
    ['since.offset', { since: { epoch: 'e', offset: -1 } }],
    ['since.epoch', { since: { offset: 1 } }],
    ['last', { last: 1.5 }],
  ])('HI-2: a join with a wrong %s is INVALID_INPUT', async (_, wish) => {
    const { peer } = await start()
    const member = await peer()
    member.send([frames.call.kind, 1, '$join', 0, { kind: 'hall', params: { id: 'h' }, ...wish }])
    expect((await member.read()).slice(0, 3)).toEqual([frames.error.kind, 1, 'INVALID_INPUT'])
  })

  test('HI-4: gives exactly what was missed, in order, once', async () => {
    const { lab, peer } = await start()
    const member = await peer()
    const { epoch } = await joinByHand(member)
    lab.say(1, 2)
    await hear(member, 2)
    member.cut()
    lab.say(3, 5)
    const again = await peer()
    expect(await joinByHand(again, { since: { epoch, offset: 2 }, last: 1 })).toEqual({
      ...{ room: 2, epoch, offset: 2 },
      recovered: true,
    })
    lab.say(6)
    expect(await hear(again, 4)).toEqual(['3:3', '4:4', '5:5', '6:6'])
    const current = await peer()
    expect(await joinByHand(current, { since: { epoch, offset: 6 } })).toMatchObject({ offset: 6, recovered: true })
    await quiet()
    expect([again.unread, current.unread]).toEqual([[], []])
  })

  test('HI-4: gives none of it where something is not kept any more, or never was', async () => {
    const { lab, peer } = await start({ history: { limit: 3 } })
    const member = await peer()
    const { epoch } = await joinByHand(member)
    lab.say(1, 5)
    await hear(member, 5)
    const since = async (position: object) => {
      const other = await peer()
      const { offset, recovered } = await joinByHand(other, { since: position, last: 3 })
      await quiet()
      return [offset, recovered, other.unread.map(readable)]
    }
    expect(await since({ epoch, offset: 2 })).toEqual([2, true, ['3:3', '4:4', '5:5']])
    expect(await since({ epoch, offset: 1 })).toEqual([5, false, []])
    expect(await since({ epoch, offset: 6 })).toEqual([5, false, []])
    expect(await since({ epoch: 'another', offset: 5 })).toEqual([5, false, []])
  })

  test('HI-4: gives none of it where it is more than may be sent at once', async () => {
    const { lab, peer } = await start({ server: { maxBufferBytes: 4_000 } })
    const { epoch } = await joinByHand(await peer())
    const long = (n: number) => lab.room().emit.said({ text: `${n}`.padEnd(400, '.') })
    for (let n = 1; n <= 4; n++) long(n)
    const member = await peer()
    expect(await joinByHand(member, { since: { epoch, offset: 0 } })).toMatchObject({ recovered: true })
    await hear(member, 4)
    long(5)
    const other = await peer()
    expect(await joinByHand(other, { since: { epoch, offset: 0 } })).toMatchObject({ recovered: false, offset: 5 })
    await quiet()
    expect(other.unread).toEqual([])
  })

  test('HI-6: tells a member that does not get an event its position (interleaving 23)', async () => {
    const { lab, peer } = await start()
    const [one, two] = [await peer('one'), await peer('two')]
    const { epoch } = await joinByHand(one)
    await joinByHand(two)
    one.send([frames.roomEvent.kind, 0, 1, 'say', 0, { text: 'mine' }])
    expect(await one.read()).toEqual([frames.position.kind, 1, epoch, 1, 0])
    expect(await hear(two, 1)).toEqual(['1:mine'])
    lab.say(2)
    expect(await hear(one, 1)).toEqual(['2:2'])
  })

  test('HI-6: who recovers does not get what it was excepted from, in whatever session (interleaving 23)', async () => {
    const { lab, peer } = await start()
    const [one, two] = [await peer('one'), await peer('two')]
    const { epoch } = await joinByHand(one)
    await joinByHand(two)
    lab.say(1)
    two.send([frames.roomEvent.kind, 0, 1, 'say', 0, { text: 'of two' }])
    expect(await hear(one, 2)).toEqual(['1:1', '2:of two'])
    two.cut()
    const since = { epoch, offset: 0 }
    const again = await peer('two')
    await joinByHand(again, { since })
    expect(await hear(again, 2)).toEqual(['1:1', '(2)'])
    const [, , result] = await page(again, 1, {}, 2)
    expect(result).toMatchObject({ events: [[1, 'said', { text: '1' }]], before: { offset: 1 } })
    const other = await peer('three')
    await joinByHand(other, { since })
    expect(await hear(other, 2)).toEqual(['1:1', '2:of two'])
  })

  test('HI-7: a room without one has no positions, and what is wished of it counts for nothing', async () => {
    const { lab, peer } = await start({ hall: { history: undefined } })
    const member = await peer()
    expect(await joinByHand(member, { last: 5, since: { epoch: 'e', offset: 1 } })).toEqual({ room: 1 })
    lab.say(1)
    expect(await hear(member, 1)).toEqual(['-:1'])
    expect((await page(member, 1, {}, 2)).slice(2, 3)).toEqual(['FORBIDDEN'])
  })

  test('HI-9: pages go back to the first event', async () => {
    const { lab, peer } = await start()
    const member = await peer()
    const { room, epoch } = await joinByHand(member)
    lab.say(1, 5)
    const said = (n: number) => [n, 'said', { text: `${n}` }]
    const at = (offset: number) => ({ epoch, offset })
    expect((await page(member, room, { limit: 2 }, 2))[2]).toEqual({
      events: [said(4), said(5)],
      ...{ before: at(4), hasMore: true },
    })
    expect((await page(member, room, { limit: 3, before: at(4) }, 3))[2]).toEqual({
      events: [said(1), said(2), said(3)],
      ...{ before: at(1), hasMore: false },
    })
    expect((await page(member, room, { before: at(1) }, 4))[2]).toEqual({ events: [], before: at(1), hasMore: false })
  })

  test('HI-9: before a position of another epoch there is nothing', async () => {
    const { lab, peer } = await start()
    const member = await peer()
    const { room } = await joinByHand(member)
    lab.say(1, 5)
    const before = { epoch: 'of yore', offset: 4 }
    expect((await page(member, room, { before }, 2))[2]).toEqual({ events: [], before, hasMore: false })
  })

  test('HI-9: a page has 100 events unless it is asked for others, and not more than 1,000', async () => {
    const { lab, peer } = await start({ history: { limit: 2_000 } })
    lab.say(1, 1_001)
    const member = await peer()
    const { room } = await joinByHand(member)
    const count = (frame: readonly unknown[]) => (frame[2] as { events: unknown[] }).events.length
    expect(count(await page(member, room, {}, 2))).toBe(100)
    expect(count(await page(member, room, { limit: 1_000 }, 3))).toBe(1_000)
    expect(count(await page(member, room, { limit: 1_001 }, 4))).toBe(1_000)
  })

  test('HI-9: a page is no longer than 262,144 units, but has one event at least', async () => {
    const { lab, peer } = await start()
    const long = (length: number) => lab.room().emit.said({ text: 'x'.repeat(length) })
    for (const length of [300_000, 131_000, 131_000]) long(length)
    const member = await peer()
    const { room, epoch } = await joinByHand(member)
    const at = (offset: number) => ({ epoch, offset })
    expect((await page(member, room, {}, 2))[2]).toMatchObject({ before: at(2), hasMore: true })
    expect((await page(member, room, { before: at(2) }, 3))[2]).toMatchObject({ before: at(1), hasMore: false })
  })

  test('HI-9: only members may read, and only those that authorize lets; a wrong input is INVALID_INPUT', async () => {
    const { lab, peer } = await start({ history: { authorize: ({ session }) => session.identity !== null } })
    const member = await peer()
    lab.say(1, 3)
    const { room, epoch, offset } = await joinByHand(member, { last: 3 })
    expect(offset).toBe(3)
    expect((await page(member, room, {}, 2)).slice(0, 3)).toEqual([frames.error.kind, 2, 'FORBIDDEN'])
    expect((await page(member, 99, {}, 3)).slice(0, 3)).toEqual([frames.error.kind, 3, 'FORBIDDEN'])
    for (const [index, wish] of [{ limit: -1 }, { limit: 0 }, { before: 2 }, { before: { epoch } }].entries()) {
      const answer = await page(member, room, wish, 4 + index)
      expect(answer.slice(0, 3)).toEqual([frames.error.kind, 4 + index, 'INVALID_INPUT'])
    }
  })

  test('HI-4: a position opens the history to nobody who may not read it', async () => {
    let asked = 0
    const { lab, peer } = await start({
      history: {
        authorize() {
          asked++
          return false
        },
      },
    })
    await joinByHand(await peer())
    lab.say(1, 5)
    const eve = await peer('eve')
    const { epoch, offset } = await joinByHand(eve)
    expect([offset, asked]).toEqual([5, 0])
    // As if she had been here all along, and had lost a session.
    expect(await joinByHand(eve, { since: { epoch, offset: 0 } }, 2)).toMatchObject({ offset: 5, recovered: false })
    expect(await joinByHand(eve, { last: 5 }, 3)).not.toHaveProperty('recovered')
    expect(asked).toBe(2)
    // Who has missed nothing has nothing to read.
    expect(await joinByHand(eve, { since: { epoch, offset: 5 } }, 4)).toMatchObject({ offset: 5, recovered: true })
    expect(asked).toBe(2)
    lab.say(6)
    expect(await hear(eve, 1)).toEqual(['6:6'])
  })

  test('HI-4: who may read the history recovers, whatever became of its session', async () => {
    const { lab, peer } = await start({ history: { authorize: async () => Promise.resolve(true) } })
    const { epoch } = await joinByHand(await peer())
    lab.say(1, 3)
    const again = await peer()
    expect(await joinByHand(again, { since: { epoch, offset: 1 } })).toMatchObject({ recovered: true })
    expect(await hear(again, 2)).toEqual(['2:2', '3:3'])
  })

  test('a key is published once; without a history to remember it, it is a mistake', async () => {
    const { lab, peer } = await start()
    const member = await peer()
    await joinByHand(member)
    for (let i = 0; i < 3; i++) lab.room().emit.said({ text: 'paid' }, { key: 'invoice 7' })
    lab.say(2)
    expect(await hear(member, 2)).toEqual(['1:paid', '2:2'])
    expect(() => lab.server.rooms.office({ id: 'o' }).emit.memo({ text: 'x' }, { key: 'k' })).toThrow(TypeError)
  })
})

describe('a client', () => {
  test('HI-5: drops what it has had, HI-8: and hears of what is missed', async () => {
    const server = await rawServer()
    const client = server.client()
    const hall = client.join.hall({ id: 'h' })
    const heard = listen(hall)
    const begins: unknown[] = []
    hall.onMissed(({ before }) => void begins.push(before))
    const peer = await server.welcome()
    const [, id] = await peer.read()
    const event = (offset: number) => [frames.roomEvent.kind, 0, 7, 'said', { offset }, { text: `${offset}` }]
    const position = (epoch: string, offset: number, options: object | 0) => [
      frames.position.kind,
      ...[7, epoch, offset, options],
    ]
    peer.send([frames.result.kind, id, { room: 7, epoch: 'e', offset: 3 }], event(3), event(4), event(4))
    peer.send(position('e', 5, 0), event(5), event(6))
    peer.send(position('e', 8, { missed: true }), event(8), event(9))
    peer.send(position('f', 1, { missed: true }), event(2))
    await eventually(() => heard.includes('2'), 'the last event has come')
    expect(heard).toEqual(['4', '6', 'missed: gap', '9', 'missed: gap', '2'])
    expect(begins).toEqual([
      { epoch: 'e', offset: 9 },
      { epoch: 'f', offset: 2 },
    ])
  })
})
