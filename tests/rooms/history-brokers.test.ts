// Histories over brokers that take their time, lose publications, or forget.

import type { Broker } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createMemoryBroker } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { handBroker } from './brokers.ts'
import { askToJoin, hear, historyLab, joinByHand, readable } from './stage.ts'

failOnUnhandledRejections()

/** A server over a broker that the test moves, with a member by hand that has joined. */
async function withMember() {
  const broker = handBroker()
  const lab = await historyLab({ server: { broker } })
  const peer = async (instance = 'a') => {
    const made = await lab.peer()
    await made.hello({ instance })
    return made
  }
  const member = await peer()
  const joined = await joinByHand(member)
  return { broker, lab, peer, member, ...joined }
}

/** Waits until so many steps are held. */
const held = async (broker: ReturnType<typeof handBroker>, step: 'subscribe' | 'history' | 'publication', count = 1) =>
  eventually(() => broker.waiting(step) === count, `${count} of ${step} wait`)

describe('a broker that takes its time', () => {
  test('HI-3: what is published before a member has subscribed is in what it reads (interleaving 21)', async () => {
    const broker = handBroker()
    const lab = await historyLab({ server: { broker } })
    lab.say(1, 7)
    const peer = await lab.peer()
    await peer.hello()
    broker.hold('subscribe')
    askToJoin(peer, { last: 2 })
    await held(broker, 'subscribe')
    lab.say(8)
    broker.hold('history')
    broker.release('subscribe')
    await held(broker, 'history')
    lab.say(9)
    broker.release('history')
    expect(((await peer.read()) as [unknown, unknown, object])[2]).toMatchObject({ offset: 7 })
    lab.say(10)
    expect(await hear(peer, 3)).toEqual(['8:8', '9:9', '10:10'])
    await quiet()
    expect(peer.unread).toEqual([])
  })

  test('HI-3: what is published between the read and the step in which one is a member is neither lost nor doubled', async () => {
    const { broker, lab, peer, member, epoch } = await withMember()
    lab.say(1, 3)
    await hear(member, 3)
    const joiner = await peer('b')
    broker.hold('history')
    askToJoin(joiner, { since: { epoch, offset: 1 } })
    await held(broker, 'history')
    lab.say(4, 5)
    expect(await hear(member, 2)).toEqual(['4:4', '5:5'])
    broker.release('history')
    expect((await joiner.read())[2]).toMatchObject({ offset: 1, recovered: true })
    lab.say(6)
    expect(await hear(joiner, 5)).toEqual(['2:2', '3:3', '4:4', '5:5', '6:6'])
    await quiet()
    expect(joiner.unread).toEqual([])
  })

  test('HI-3: nor is what the history has, and the node was not told yet', async () => {
    const { broker, lab, peer, member, epoch } = await withMember()
    lab.say(1, 3)
    await hear(member, 3)
    broker.hold('publication')
    lab.say(4, 5)
    const recovering = await peer('b')
    expect(await joinByHand(recovering, { since: { epoch, offset: 1 } })).toMatchObject({ recovered: true })
    const reader = await peer('c')
    expect(await joinByHand(reader, { last: 4 })).toMatchObject({ offset: 1 })
    // It comes from a node that was ahead of this one.
    const ahead = await peer('d')
    expect(await joinByHand(ahead, { since: { epoch, offset: 4 } })).toMatchObject({ offset: 4, recovered: true })
    const liar = await peer('e')
    expect(await joinByHand(liar, { since: { epoch, offset: 6 } })).toMatchObject({ offset: 3, recovered: false })
    broker.release('publication')
    expect(await hear(recovering, 4)).toEqual(['2:2', '3:3', '4:4', '5:5'])
    expect(await hear(reader, 4)).toEqual(['2:2', '3:3', '4:4', '5:5'])
    expect(await hear(ahead, 2)).toEqual(['4:4', '5:5'])
    await quiet()
    expect([recovering.unread, reader.unread]).toEqual([[], []])
  })

  test('RM-7: whoever is evicted hears first what was said before, also where it has to be read', async () => {
    const { broker, lab, member, room } = await withMember()
    broker.hold('publication')
    lab.say(1)
    broker.lose()
    broker.release('publication')
    broker.hold('history')
    lab.say(2)
    await held(broker, 'history')
    const evicted = lab.room().close('over')
    lab.say(3)
    await quiet()
    expect(member.unread).toEqual([])
    broker.release('history')
    await evicted
    expect(await hear(member, 2)).toEqual(['1:1', '2:2'])
    expect(await member.read()).toEqual([frames.left.kind, room, 'over'])
    await quiet()
    expect(member.unread).toEqual([])
  })

  test('EV-1: a question that a node was told while it opened the room is answered by it, with nothing', async () => {
    const memory = createMemoryBroker()
    let read: (() => void) | undefined
    // Reads when the test says so, and not before.
    const broker: Broker = {
      connect(node, events) {
        const link = memory.connect(node, events)
        const history: typeof link.history = async (...given) => {
          await new Promise<void>((resolve) => (read = resolve))
          return link.history(...given)
        }
        return { ...link, history }
      },
    }
    const lab = await historyLab({ server: { broker } })
    const peer = await lab.peer()
    await peer.hello()
    askToJoin(peer)
    await eventually(() => read !== undefined, 'the room is about to open')
    const asked = lab.room().emitWithAck.poll({ text: '?' })
    await quiet()
    read!()
    expect((await peer.read())[2]).toMatchObject({ offset: 1 })
    expect(await asked).toEqual([])
  })

  test('HI-3: two that join at once each get their own', async () => {
    const { broker, lab, peer, member, epoch } = await withMember()
    lab.say(1, 2)
    await hear(member, 2)
    const [one, two] = [await peer('b'), await peer('c')]
    broker.hold('history')
    askToJoin(one, { since: { epoch, offset: 0 } })
    await held(broker, 'history')
    lab.say(3)
    askToJoin(two, { last: 1 })
    await held(broker, 'history', 2)
    lab.say(4)
    broker.release('history')
    expect((await one.read())[2]).toMatchObject({ offset: 0, recovered: true })
    expect(await hear(one, 4)).toEqual(['1:1', '2:2', '3:3', '4:4'])
    expect((await two.read())[2]).toMatchObject({ offset: 3 })
    expect(await hear(two, 1)).toEqual(['4:4'])
  })

  test('a join that is cancelled while the history is read makes no member', async () => {
    const { broker, lab, peer, epoch } = await withMember()
    lab.say(1, 2)
    const joiner = await peer('b')
    broker.hold('history')
    askToJoin(joiner, { since: { epoch, offset: 0 } })
    await held(broker, 'history')
    joiner.send([23, 1])
    joiner.send([4, 2, 0])
    await joiner.readKind(5)
    broker.release('history')
    lab.say(3)
    await quiet()
    expect(joiner.unread).toEqual([])
  })

  test('a broker that cannot read fails the join, and the next may succeed', async () => {
    const memory = createMemoryBroker()
    let isBroken = true
    const lab = await historyLab({
      server: {
        broker: {
          connect(node, events) {
            const link = memory.connect(node, events)
            const history: typeof link.history = (...asked) =>
              isBroken ? Promise.reject(new Error('no connection')) : link.history(...asked)
            return { ...link, history }
          },
        },
      },
    })
    const peer = await lab.peer()
    await peer.hello()
    askToJoin(peer)
    expect((await peer.read()).slice(0, 3)).toEqual([19, 1, 'INTERNAL'])
    isBroken = false
    expect(await joinByHand(peer, {}, 2)).toMatchObject({ offset: 0 })
    expect(lab.errors).toHaveLength(1)
  })
})

describe('a broker that loses publications', () => {
  test('what is missing is read, and comes in order', async () => {
    const { broker, lab, member } = await withMember()
    broker.hold('publication')
    lab.say(1, 3)
    broker.lose()
    broker.release('publication')
    lab.say(4)
    expect(await hear(member, 4)).toEqual(['1:1', '2:2', '3:3', '4:4'])
  })

  test('HI-8: what cannot be read any more is told, and what follows goes on', async () => {
    const broker = handBroker()
    const lab = await historyLab({ server: { broker }, history: { limit: 2 } })
    const member = await lab.peer()
    await member.hello()
    const { epoch } = await joinByHand(member)
    broker.hold('publication')
    lab.say(1, 3)
    broker.lose()
    broker.release('publication')
    lab.say(4)
    expect(await member.read()).toEqual([26, 1, epoch, 4, { missed: true }])
    lab.say(5)
    expect(await hear(member, 1)).toEqual(['5:5'])
    const recovering = await lab.peer()
    await recovering.hello()
    expect(await joinByHand(recovering, { since: { epoch, offset: 3 } })).toMatchObject({ recovered: true })
    expect(await hear(recovering, 2)).toEqual(['4:4', '5:5'])
  })

  test('HI-8: another epoch is told to those who are members', async () => {
    const memory = [createMemoryBroker(), createMemoryBroker()]
    let current = 0
    // A broker that forgets: from then on it is another one, to which the node is subscribed all the same.
    const lab = await historyLab({
      server: {
        broker: {
          connect(node, events) {
            const links = memory.map((broker) => broker.connect(node, events))
            const [first] = links
            return {
              ...first!,
              subscribe: (channel) => links.forEach((link) => void link.subscribe(channel)),
              publish: (...given) => links[current]!.publish(...given),
              history: (...given) => links[current]!.history(...given),
            }
          },
        },
      },
    })
    const member = await lab.peer()
    await member.hello()
    const { epoch } = await joinByHand(member)
    lab.say(1, 3)
    await hear(member, 3)
    current = 1
    lab.say(4, 5)
    const [kind, room, anew, offset, options] = await member.read()
    expect([kind, room, offset, options]).toEqual([26, 1, 1, { missed: true }])
    expect(anew).not.toBe(epoch)
    expect(await hear(member, 1)).toEqual(['2:5'])
    const other = await lab.peer()
    await other.hello()
    expect(await joinByHand(other, { since: { epoch, offset: 3 } })).toMatchObject({ epoch: anew, recovered: false })
  })
})

describe('two nodes over one broker', () => {
  test('a member recovers at the other node, whichever published', async () => {
    const broker = createMemoryBroker()
    const [a, b] = [await historyLab({ server: { broker } }), await historyLab({ server: { broker } })]
    const one = await a.peer()
    await one.hello({ instance: 'one' })
    const { epoch } = await joinByHand(one)
    a.say(1)
    b.say(2)
    expect(await hear(one, 2)).toEqual(['1:1', '2:2'])
    one.cut()
    await eventually(() => [...a.server.sessions].length === 0, 'the session is over')
    b.say(3)
    a.say(4)
    const again = await b.peer()
    await again.hello({ instance: 'one' })
    expect(await joinByHand(again, { since: { epoch, offset: 2 } })).toMatchObject({ offset: 2, recovered: true })
    a.say(5)
    expect(await hear(again, 3)).toEqual(['3:3', '4:4', '5:5'])
  })

  test('HI-6: who was excepted at one node does not recover it at the other (interleaving 23)', async () => {
    const broker = createMemoryBroker()
    const [a, b] = [await historyLab({ server: { broker } }), await historyLab({ server: { broker } })]
    const one = await a.peer()
    await one.hello({ instance: 'one' })
    const { epoch } = await joinByHand(one)
    const facade = a.session()
    one.cut()
    await eventually(() => [...a.server.sessions].length === 0, 'the session is over')
    a.room().except(facade).emit.said({ text: 'not for one' })
    b.room().except(facade).emit.said({ text: 'nor this' })
    b.say(3)
    const again = await b.peer()
    await again.hello({ instance: 'one' })
    await joinByHand(again, { since: { epoch, offset: 0 } })
    await eventually(() => again.unread.length === 3, 'all have come')
    expect(again.unread.map(readable)).toEqual(['(1)', '(2)', '3:3'])
  })
})
