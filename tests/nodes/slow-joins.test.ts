// Joins and leaves that cross each other while the broker subscribes: what was wanted last is what is, and no subscription
// and no time limit is left.

import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import type { RunningLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import {
  controlled,
  type ControlledBroker,
  delaying,
  enter,
  expectNoErrors,
  gate,
  heardAll,
  say,
  startNodes,
} from './stage.ts'

failOnUnhandledRejections()

async function setUp(handlers = {}) {
  const control = controlled()
  const [lab] = await startNodes(control.broker, 1, { handlers })
  const client = lab!.client()
  await client.connect()
  return { control, lab: lab!, client, room: lab!.server.rooms.hall({ id: 'h' }), session: lab!.session() }
}

const asked = ({ asked: all }: ControlledBroker, name: string) =>
  all.filter((operation) => operation.name === name).length

/** What is left when everybody is out. */
async function leftBehind(control: ControlledBroker, lab: RunningLab): Promise<unknown> {
  await eventually(() => control.broker.pending === 0, 'nothing is on its way')
  await quiet()
  return { subscriptions: await control.subscribed(), errors: lab.errors }
}
const nothing = { subscriptions: 0, errors: [] }

describe('a client', () => {
  test('that leaves while the broker subscribes is no member, and nothing is left', async () => {
    const { control, lab, client } = await setUp()
    const slow = gate()
    control.next('subscribe', slow.wait)
    const hall = client.join.hall({ id: 'h' })
    await eventually(() => asked(control, 'subscribe') === 1, 'the broker is asked')
    hall.leave()
    await settled(hall.ready, 'the join')
    await client.call.echo('')
    slow.open()
    expect(await leftBehind(control, lab)).toEqual(nothing)
    expect(await lab.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: 'anybody?' })).toEqual([])
  })

  test('that joins again meanwhile is a member', async () => {
    const { control, lab, client } = await setUp()
    const slow = gate()
    control.next('subscribe', slow.wait)
    client.join.hall({ id: 'h' }).leave()
    const first = client.join.hall({ id: 'h' })
    await eventually(() => asked(control, 'subscribe') === 1, 'the broker is asked')
    first.leave()
    const again = client.join.hall({ id: 'h' })
    const heard: string[] = []
    again.on.said(({ text }) => void heard.push(text))
    await client.call.echo('')
    slow.open()
    await again.ready
    say(lab, 'hello')
    await eventually(() => heard.length > 0, 'it hears')
    expect(heard).toEqual(['hello'])
    again.leave()
    await client.call.echo('')
    expect(await leftBehind(control, lab)).toEqual(nothing)
  })

  test('that comes while the broker unsubscribes waits for that, and hears all', async () => {
    const { control, lab, client } = await setUp()
    const slow = gate()
    control.next('unsubscribe', slow.wait)
    const first = client.join.hall({ id: 'h' })
    await first.ready
    first.leave()
    await eventually(() => asked(control, 'unsubscribe') === 1, 'the broker is asked')
    const again = client.join.hall({ id: 'h' })
    const heard: string[] = []
    again.on.said(({ text }) => void heard.push(text))
    await client.call.echo('')
    expect(again.status.current.state).toBe('joining')
    slow.open()
    await again.ready
    say(lab, 'hello')
    await eventually(() => heard.length > 0, 'it hears')
    expect(asked(control, 'subscribe')).toBe(2)
  })

  test('whose time for the join is over is no member when the broker has subscribed after all', async () => {
    const { control, lab, client } = await setUp()
    const slow = gate()
    control.next('subscribe', slow.wait)
    const peer = await lab.peer()
    await peer.hello()
    peer.send([17, 1, '$join', { timeoutMs: 500 }, { kind: 'hall', params: { id: 'h' } }])
    await eventually(() => asked(control, 'subscribe') === 1, 'the broker is asked')
    await lab.clock.advance(510)
    slow.open()
    await client.call.echo('')
    expect(await leftBehind(control, lab)).toEqual(nothing)
  })

  test('whose session ends meanwhile leaves nothing', async () => {
    const { control, lab, client } = await setUp()
    const slow = gate()
    control.next('subscribe', slow.wait)
    client.join.hall({ id: 'h' })
    await eventually(() => asked(control, 'subscribe') === 1, 'the broker is asked')
    await client.close()
    await eventually(() => [...lab.server.sessions].length === 0, 'the session has ended')
    slow.open()
    expect(await leftBehind(control, lab)).toEqual(nothing)
  })

  test('that server code evicts meanwhile is denied', async () => {
    const { control, lab, client, room, session } = await setUp()
    const slow = gate()
    control.next('subscribe', slow.wait)
    const hall = client.join.hall({ id: 'h' })
    const joined = settled(hall.ready, 'the join')
    await eventually(() => asked(control, 'subscribe') === 1, 'the broker is asked')
    await session.leave(room)
    slow.open()
    expect(await joined).toMatchObject({ status: 'rejected', reason: { code: 'FORBIDDEN' } })
    expect(await leftBehind(control, lab)).toEqual(nothing)
  })

  test('shares the wait with others that join the room, whose leaving is not its own', async () => {
    const { control, lab, client } = await setUp()
    const slow = gate()
    control.next('subscribe', slow.wait)
    const other = lab.client()
    const leaving = other.join.hall({ id: 'h' })
    const entering = enter(lab)
    void client.join.hall({ id: 'h' })
    await eventually(() => [...lab.server.sessions].length === 3, 'all are there')
    await Promise.all([other.call.echo(''), client.call.echo('')])
    leaving.leave()
    await other.call.echo('')
    slow.open()
    const member = await entering
    say(lab, 'hello')
    await heardAll([member], 'hello')
    expect(asked(control, 'subscribe')).toBe(1)
    expect(await lab.server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' })).toHaveLength(2)
  })
})

test('a client is not welcomed before events to all sessions come to its node', async () => {
  const slow = gate()
  const [lab] = await startNodes(delaying({ fault: ({ target }) => (target === '*' ? slow.wait : 'pass') }), 1)
  const client = lab!.client()
  const heard: string[] = []
  client.on.notice(({ text }) => void heard.push(text))
  const opened = client.connect()
  await eventually(() => lab!.sockets.length === 1, 'it connects')
  await quiet(50)
  expect([...lab!.server.sessions]).toEqual([])
  slow.open()
  await opened
  lab!.server.emit.notice({ text: 'to all' })
  await eventually(() => heard.length === 1, 'it hears')
  expect(heard).toEqual(['to all'])
})

describe('server code', () => {
  test.each([
    ['join, leave', ['join', 'leave'], 0],
    ['join, leave, join', ['join', 'leave', 'join'], 1],
    ['join, join, leave', ['join', 'join', 'leave'], 0],
    ['join, leave, join, leave', ['join', 'leave', 'join', 'leave'], 0],
    ['leave, join', ['leave', 'join'], 1],
  ] as const)('what it asked last holds: %s', async (_, intents, members) => {
    const { control, lab, room, session } = await setUp()
    const slow = gate()
    control.next('subscribe', slow.wait)
    const done = Promise.all(intents.map((intent) => session[intent](room)))
    await quiet()
    slow.open()
    await done
    await eventually(() => control.broker.pending === 0, 'nothing is on its way')
    expect(await room.emitWithAck.poll({ text: '?' })).toHaveLength(members)
    await quiet()
    expect(await control.subscribed()).toBe(members)
    expectNoErrors([lab])
  })

  test.each([1, 2, 3, 4])('holds what it asked last, however long each answer takes (%s)', async (held) => {
    const { control, lab, room, session } = await setUp()
    for (let round = 0; round < 20; round++) {
      const gates = Array.from({ length: held }, gate)
      control.next('subscribe', ...gates.map(({ wait }) => wait))
      control.next('unsubscribe', ...gates.map(({ wait }) => wait))
      const asks: Promise<void>[] = []
      for (let i = 0; i <= round % 5; i++) {
        asks.push(i % 2 === 0 ? session.join(room) : session.leave(room))
        if (round % 2) await quiet(2)
      }
      const isIn = (round % 5) % 2 === 0
      for (const { open } of gates) {
        open()
        await quiet(1)
      }
      await Promise.all(asks)
      expect(await room.emitWithAck.poll({ text: '?' })).toHaveLength(isIn ? 1 : 0)
      await session.leave(room)
      await eventually(() => control.broker.pending === 0, 'nothing is on its way')
    }
    expect(await leftBehind(control, lab)).toEqual(nothing)
  })
})
