// Joins and leaves of a client, and what server code does meanwhile, in any order: both sides end in the same state, and it
// is the one that was wanted last.

import type { Broker } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import { turn } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { type RunningLab, startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

/** A sequence of numbers from 0 to below `most`, the same for the same seed (mulberry32). */
function randomOf(seed: number) {
  let state = seed
  return (most: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * most)
  }
}
type Random = ReturnType<typeof randomOf>

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await turn()
}

/** A broker that takes some time to subscribe, as one on a network does. */
function slowToSubscribe(random: Random): Broker {
  const memory = createMemoryBroker()
  return {
    connect(node, events) {
      const link = memory.connect(node, events)
      return {
        ...link,
        async subscribe(channel) {
          await turns(random(4))
          await link.subscribe(channel)
        },
      }
    },
  }
}

const ids = ['a', 'b']

/** A lab in which judging takes a while, and what server code may do in it, with what it wants to be true then. */
async function stage(seed: number) {
  const random = randomOf(seed)
  let isOpen = false
  const lab = await startLab({
    server: { broker: slowToSubscribe(random), maxJoinsPerSecond: 10_000 },
    handlers: {
      rooms: {
        hall: {
          async authorize() {
            if (!isOpen) await turns(random(6))
            return true
          },
        },
      },
    },
  })
  /** The rooms that server code holds the session in. */
  const held = new Set<string>()
  const under: Promise<unknown>[] = []
  const act = ({ server, session }: RunningLab, id: string) => {
    const hall = server.rooms.hall({ id })
    const run = [
      () => session().join(hall),
      () => session().leave(hall),
      () => hall.evict(session()),
      () => hall.evict({ identity: 'nobody' }),
      () => hall.close(),
      () => hall.reauthorize(),
    ][random(6)]!
    const what = String(run)
    if (what.includes('.join(')) held.add(id)
    else if (!what.includes('nobody') && !what.includes('reauthorize')) held.delete(id)
    under.push(run())
  }
  const settle = async () => {
    isOpen = true
    await Promise.all(under)
    await quiet(40)
  }
  /** The rooms that the session is a member of, as the server says. */
  const members = async () => {
    const lists = await Promise.all(ids.map((id) => lab.server.rooms.hall({ id }).members()))
    return ids.filter((_, index) => lists[index]!.length > 0)
  }
  return { lab, random, held, act, settle, members }
}

const seeds = Array.from({ length: 40 }, (_, index) => index + 1)

describe('in any race of joins, leaves, evictions and closings', () => {
  test.each(seeds)('a client and the server agree, and the last intent stands (seed %i)', async (seed) => {
    const { lab, random, held, act, settle, members } = await stage(seed)
    const client = lab.client()
    await client.connect()
    const joined = () => client.rooms.hall.instances.current.map(({ params }) => params.id).sort()
    type Hall = ReturnType<typeof client.join.hall>
    const handles: { readonly id: string; readonly hall: Hall }[] = []
    const live = (id: string) =>
      handles.filter((handle) => handle.id === id && !['left', 'denied'].includes(handle.hall.status.current.state))
    for (let step = 0; step < 60; step++) {
      const id = ids[random(ids.length)]!
      if (random(3) === 0) act(lab, id)
      else if (random(2) === 0) handles.push({ id, hall: client.join.hall({ id }) })
      else live(id)[0]?.hall.leave()
      await turns(random(3))
    }
    await settle()
    expect(joined()).toEqual(await members())
    for (const id of ids) for (const { hall } of live(id)) expect(hall.status.current.state).toBe('joined')
    for (const id of ids) expect(joined().includes(id)).toBe(held.has(id) || live(id).length > 0)

    // Now nothing is under way: what is wanted last is what comes.
    const [first, second] = [client.join.hall({ id: 'a' }), client.join.hall({ id: 'b' })]
    for (const { hall } of handles) hall.leave()
    first.leave()
    await quiet(40)
    expect(second.status.current.state).toBe('joined')
    expect(await members()).toEqual(ids.filter((id) => id === 'b' || held.has(id)))
    expect(joined()).toEqual(await members())
    expect(lab.errors).toEqual([])
  })

  test.each(seeds)('a peer that follows the frames knows where it is a member (seed %i)', async (seed) => {
    const { lab, random, held, act, settle, members } = await stage(seed)
    const peer = await lab.peer()
    await peer.hello()
    let lastId = 0
    /** By the id of the call: what was asked. */
    const asked = new Map<number, { readonly id?: string; readonly leave?: number }>()
    /** By number: which room it is, the joins of it that are held, and whether server code holds it. */
    const rooms = new Map<number, { readonly id: string; readonly joins: Set<number>; byServer: boolean }>()
    const follow = ([kind, ...rest]: readonly unknown[]) => {
      if (kind === 29) {
        const [number, , { id }] = rest as [number, string, { id: string }]
        rooms.set(number, { id, joins: rooms.get(number)?.joins ?? new Set(), byServer: true })
      }
      if (kind === 28) rooms.delete(rest[0] as number)
      if (kind !== 18) return
      const { id = '', leave } = asked.get(rest[0] as number)!
      if (leave === undefined) {
        const { room } = rest[1] as { room: number }
        const known = rooms.get(room) ?? { id, joins: new Set(), byServer: false }
        known.joins.add(rest[0] as number)
        rooms.set(room, known)
      } else {
        for (const [number, { joins, byServer }] of rooms) {
          if (joins.delete(leave) && joins.size === 0 && !byServer) rooms.delete(number)
        }
      }
    }
    const readAll = async () => {
      while (peer.unread.length > 0) follow(await peer.read())
    }
    for (let step = 0; step < 60; step++) {
      const id = ids[random(ids.length)]!
      const join = [...rooms.values()].flatMap(({ joins }) => [...joins])[random(3)]
      if (random(3) === 0) act(lab, id)
      else if (random(2) === 0 || join === undefined) {
        asked.set(++lastId, { id })
        peer.send([17, lastId, '$join', 0, { kind: 'hall', params: { id } }])
      } else {
        asked.set(++lastId, { leave: join })
        peer.send([17, lastId, '$leave', 0, { join }])
      }
      await turns(random(3))
      await readAll()
    }
    await settle()
    await readAll()
    const known = [...rooms.values()].map(({ id }) => id).sort()
    expect(known).toEqual(await members())
    expect([...held].every((id) => known.includes(id))).toBe(true)
    expect(lab.errors).toEqual([])
  })

  test('a leave while the join is judged takes it back, whatever is decided then (interleaving 22)', async () => {
    let letIn = (_yes: boolean) => {}
    const lab = await startLab({
      handlers: { rooms: { hall: { authorize: () => new Promise((resolve) => (letIn = resolve)) } } },
    })
    const client = lab.client()
    const hall = client.join.hall({ id: 'h' })
    await client.connect()
    await quiet()
    hall.leave()
    await client.call.echo('the cancel has arrived')
    letIn(true)
    await quiet()
    expect(await lab.server.rooms.hall({ id: 'h' }).members()).toEqual([])
    const again = client.join.hall({ id: 'h' })
    again.leave()
    const last = client.join.hall({ id: 'h' })
    await quiet()
    letIn(true)
    await eventually(() => last.status.current.state === 'joined', 'the last one is in')
  })
})
