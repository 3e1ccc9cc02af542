// What joins leave behind: nothing.

import type { Broker } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import { expect, test, vi } from 'vitest'
import { ClientRooms } from '../../packages/client/src/rooms/client-rooms.ts'
import { ServerNode } from '../../packages/server/src/node.ts'
import { Rooms } from '../../packages/server/src/rooms/rooms.ts'
import { nextAttempt } from '../client/clients.ts'
import { eventually } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

/** A broker that knows what is subscribed to. */
function countingBroker(): { readonly broker: Broker; readonly channels: Set<string> } {
  const memory = createMemoryBroker()
  const channels = new Set<string>()
  const connect: Broker['connect'] = (node, events) => {
    const link = memory.connect(node, events)
    return {
      ...link,
      subscribe(channel) {
        channels.add(channel)
        return link.subscribe(channel)
      },
      unsubscribe(channel) {
        channels.delete(channel)
        return link.unsubscribe(channel)
      },
    }
  }
  return { broker: { connect }, channels }
}

test('10,000 joins and leaves leave nothing behind, at the server, in the broker and at the client', async () => {
  const enter = vi.spyOn(Rooms.prototype, 'enter')
  const join = vi.spyOn(ClientRooms.prototype, 'join')
  const setHandlers = vi.spyOn(ServerNode.prototype, 'setHandlers')
  const { broker, channels } = countingBroker()
  const lab = await startLab({ server: { broker, maxJoinsPerSecond: 1_000_000 } })
  const client = lab.client()
  await client.connect()
  const session = lab.session()
  for (let round = 0; round < 100; round++) {
    const handles = Array.from({ length: 100 }, (_, n) => client.join.hall({ id: `${round} ${n}` }))
    await Promise.all(handles.map(({ ready }) => ready))
    const rooms = handles.slice(0, 30).map((_, n) => lab.server.rooms.hall({ id: `${round} ${n}` }))
    await Promise.all(rooms.slice(0, 10).map((room) => session.join(room)))
    await Promise.all(rooms.slice(0, 10).map((room) => session.leave(room)))
    await Promise.all(rooms.slice(10, 20).map((room) => room.evict(session)))
    await Promise.all(rooms.slice(20, 30).map((room) => room.close()))
    rooms[0]!.and(...rooms.slice(1)).emit.said({ text: 'to nobody' })
    for (const handle of handles) handle.leave()
    const late = client.join.hall({ id: 'late' }) // a leave while the join is under way
    late.leave()
    await client.call.echo('all has arrived')
  }
  const rooms = enter.mock.contexts[0] as Rooms
  const clientRooms = join.mock.contexts[0] as ClientRooms
  const node = setHandlers.mock.contexts[0] as ServerNode
  for (const spy of [enter, join, setHandlers]) spy.mockRestore()
  expect(rooms.size).toBe(0)
  expect(node.copies.size).toBe(0)
  expect([...channels]).toEqual(['*'])
  const { memberships } = [...node.sessions.values()][0]!
  expect(memberships.size).toBe(0)
  expect(memberships.joins).toBe(0)
  expect(clientRooms.size).toBe(0)
  expect(client.rooms.hall.instances.current).toEqual([])
  expect(lab.clock.pending).toBe(0)
  expect(client.clock.pending).toBe(0)
  expect(lab.errors).toEqual([])
}, 60_000)

test('LM-6: a client that comes back with as many rooms as it may hold joins them all at once', async () => {
  const lab = await startLab()
  const client = lab.client()
  const handles = Array.from({ length: 1_000 }, (_, n) => client.join.hall({ id: `${n}` }))
  await Promise.all(handles.map(({ ready }) => ready))
  for (let time = 0; time < 2; time++) {
    lab.cut()
    await eventually(() => client.rooms.hall.instances.current.length === 0, 'the session is lost')
    await nextAttempt(client)
    await eventually(() => handles.every(({ status }) => status.current.state === 'joined'), 'all are joined again')
  }
  expect(client.rooms.hall.instances.current).toHaveLength(1_000)
}, 60_000)
