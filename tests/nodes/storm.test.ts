// 200 clients, 20 rooms, 2 nodes over a broker that delays: joins, leaves, evictions, cut connections, servers that restart
// and servers that die, by chance. At rest who is a member is who its handle says is one, and nothing is left.
//
// TYPEWIRE_SEED makes the same choices again; what sockets do between them is not the seed's, so that a seed that fails is
// to be run a few times.

import { createClient } from '@typewire/client'
import { createMemoryBroker } from '@typewire/server'
import { connectRawPeer, createDelayingBroker, type RawFrame, seededRandom, turn } from '@typewire/testkit'
import { expect, onTestFinished, test } from 'vitest'
import type { Lab } from '../support/contract.ts'
import { eventually } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { seed } from './seed.ts'
import type { Hall } from './stage.ts'
import { StormNode } from './storm-node.ts'

failOnUnhandledRejections()

const clientCount = 200
const roomCount = 20
/** The rooms above are mostly empty: who comes goes soon, so that the broker is asked all the time. */
const busyRooms = 10
const steps = 3_000
/** Servers end so often, by turns in order and by dying. */
const endings = 6

const hallId = (room: number) => ({ id: `${room}` })

/** A client, and what it wants to be a member of. */
class Visitor {
  readonly client
  readonly halls = new Map<number, Hall>()
  readonly wrong: string[] = []
  heard = 0

  constructor(url: string, random: () => number) {
    this.client = createClient<Lab>({
      url,
      transports: ['websocket'],
      reconnect: { minDelayMs: 1, maxDelayMs: 30, random },
      onError: (error) => void this.wrong.push(String(error)),
    })
  }

  join(room: number): void {
    if (this.halls.has(room)) return
    const hall = this.client.join.hall(hallId(room))
    this.halls.set(room, hall)
    const last = new Map<string, number>()
    hall.on.poll(() => ({ yes: true }))
    hall.on.said(({ text }) => {
      this.heard++
      const [where, speaker, number] = text.split(' ') as [string, string, string]
      if (where !== `${room}`) this.wrong.push(`in ${room}: ${text}`)
      if (Number(number) <= (last.get(speaker) ?? 0)) this.wrong.push(`out of order in ${room}: ${text}`)
      last.set(speaker, Number(number))
    })
    // An eviction ends the handle.
    hall.status.subscribe(() => {
      const { current } = hall.status
      const isOver = current.state === 'denied' || current.state === 'left'
      if (!isOver || this.halls.get(room) !== hall) return
      this.halls.delete(room)
      if (current.reason.code !== 'FORBIDDEN') this.wrong.push(`denied: ${current.reason.message}`)
    })
  }

  leave(room: number): void {
    const hall = this.halls.get(room)
    this.halls.delete(room)
    hall?.leave()
  }

  /** Whether what it wants is so, as far as it knows. */
  get isAtRest(): boolean {
    const { state } = this.client.status.current
    return state === 'open' && [...this.halls.values()].every(({ status }) => status.current.state === 'joined')
  }

  get sessionId(): string {
    const { current } = this.client.status
    return current.state === 'open' ? current.sessionId : 'none'
  }
}

test(`a storm, TYPEWIRE_SEED=${seed}`, { timeout: 60_000 }, async () => {
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const inner = createMemoryBroker()
  const broker = createDelayingBroker({ inner, seed: seed + 1, maxTurns: 2 })
  const nodes = [new StormNode(broker), new StormNode(broker)] as const
  for (const node of nodes) await node.start()
  const visitors = Array.from({ length: clientCount }, (_, i) => new Visitor(nodes[i % 2]!.url, random))
  onTestFinished(async () => {
    await Promise.all(visitors.map(({ client }) => client.close()))
    await Promise.all(nodes.map((node) => node.close()))
  })
  await Promise.all(visitors.map(({ client }) => client.connect()))

  let said = 0
  let restarting: Promise<void> | undefined
  const restart = async (number: number) => {
    await restarting
    const node = nodes[below(2)]!
    await (number % 2 ? node.crash() : node.restart())
  }
  const evict = () => {
    const { server } = nodes[below(2)]!
    const sessions = [...(server?.sessions ?? [])]
    const session = sessions[below(sessions.length)]
    if (server && session) void session.leave(server.rooms.hall(hallId(below(roomCount))))
  }
  const emit = () => {
    const speaker = below(2)
    const room = below(roomCount)
    nodes[speaker]!.server?.rooms.hall(hallId(room)).emit.said({ text: `${room} ${speaker} ${++said}` })
  }

  const flickering: Promise<void>[] = []
  /** Comes and goes, faster than a broker answers; now and then somebody stays. */
  const flicker = async (visitor: Visitor, room: number) => {
    for (let i = 1 + below(4); i > 0; i--) {
      visitor.join(room)
      for (let turns = below(6); turns > 0; turns--) await turn()
      if (random() < 0.95) visitor.leave(room)
      if (random() < 0.5) await turn()
    }
  }

  for (let step = 0; step < steps; step++) {
    const visitor = visitors[below(clientCount)]!
    const choice = random()
    if (choice < 0.25) visitor.join(below(busyRooms))
    else if (choice < 0.4) flickering.push(flicker(visitor, busyRooms + below(roomCount - busyRooms)))
    else if (choice < 0.62) visitor.leave([...visitor.halls.keys()][below(visitor.halls.size)] ?? 0)
    else if (choice < 0.68) evict()
    else if (choice < 0.75) nodes[below(2)]!.drop(random)
    else emit()
    if (step % (steps / endings) === 0) restarting = restart(step / (steps / endings))
    if (step % 4 === 0) await turn()
  }
  await restarting
  await Promise.all(flickering)

  const wrong = () => visitors.flatMap((visitor) => visitor.wrong)
  await eventually(() => visitors.every(({ isAtRest }) => isAtRest), 'all are where they want to be')
  await Promise.all(visitors.map(({ client }) => client.call.echo(''))) // behind what was taken back
  expect(wrong()).toEqual([])
  expect(nodes.flatMap(({ errors }) => errors)).toEqual([])
  for (let room = 0; room < roomCount; room++) {
    const acks = await nodes[room % 2]!.server!.rooms.hall(hallId(room)).emitWithAck.poll({ text: '' })
    const members = visitors.filter(({ halls }) => halls.has(room)).map(({ sessionId }) => sessionId)
    expect(acks.map(({ sessionId }) => sessionId).sort()).toEqual(members.sort())
    expect(acks.filter(({ status }) => status !== 'acked')).toEqual([])
  }
  const memberships = visitors.reduce((sum, { halls }) => sum + halls.size, 0)
  const heard = visitors.reduce((sum, visitor) => sum + visitor.heard, 0)
  const lives = nodes.map(({ restarts, crashes }) => `${restarts} restarts and ${crashes} crashes`).join(', ')
  console.info(`TYPEWIRE_SEED=${seed}: ${memberships} memberships, ${heard} events heard of ${said}, ${lives}`)
  expect(memberships).toBeGreaterThan(100)
  expect(heard).toBeGreaterThan(1_000)

  for (const visitor of visitors) for (const room of visitor.halls.keys()) visitor.leave(room)
  await Promise.all(visitors.map(({ client }) => client.call.echo('')))
  await eventually(() => broker.pending === 0, 'nothing is on its way')
  const spy = inner.connect('spy', { onPublication: () => {}, onPresence: () => {}, onMessage: () => {} })
  for (let room = 0; room < roomCount; room++) {
    expect(await spy.subscribers(`hall {"id":"${room}"}`)).toEqual([])
  }
  await Promise.all(visitors.map(({ client }) => client.close()))
  await eventually(() => nodes.every(({ server }) => [...server!.sessions].length === 0), 'all sessions have ended')
  await Promise.all(nodes.map((node) => node.close()))
  await eventually(() => broker.pending === 0, 'nothing is on its way')
  expect(broker.nodes).toEqual([])
  expect(await spy.subscribers('*')).toEqual([])
})

test(`no event comes behind the answer to a leave, TYPEWIRE_SEED=${seed}`, async () => {
  const random = seededRandom(seed)
  const broker = createDelayingBroker({ inner: createMemoryBroker(), seed: seed + 1, maxTurns: 2 })
  const nodes = [new StormNode(broker), new StormNode(broker)] as const
  for (const node of nodes) await node.start()
  onTestFinished(async () => {
    await Promise.all(nodes.map((node) => node.close()))
  })
  const peers = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => {
      const peer = await connectRawPeer(`${nodes[i % 2]!.url}/typewire`, {})
      await peer.hello()
      return peer
    }),
  )
  let said = 0
  let events = 0
  const visit = async (peer: (typeof peers)[number]) => {
    const speak = () => {
      nodes[Math.floor(random() * 2)]!.server!.rooms.hall(hallId(0)).emit.said({ text: `${++said}` })
    }
    /** Reads on to the answer of this id. */
    const answered = async (id: number, mayHear: boolean): Promise<RawFrame> => {
      for (let i = 0; i < 10_000; i++) {
        const frame = await peer.read()
        if (frame[0] === 18 && frame[1] === id) return frame
        if (frame[0] !== 25) continue
        events++
        if (!mayHear) throw new Error(`a stranger hears ${JSON.stringify(frame)}`)
      }
      throw new Error('no answer')
    }
    for (let round = 0; round < 40; round++) {
      const id = round * 3
      speak()
      peer.send([17, id + 1, '$join', 0, { kind: 'hall', params: hallId(0) }])
      const [, , joined] = await answered(id + 1, false)
      for (let i = Math.floor(random() * 5); i > 0; i--) {
        speak()
        await turn()
      }
      peer.send([17, id + 2, '$leave', 0, joined])
      speak()
      await answered(id + 2, true)
      speak()
      peer.send([17, id + 3, 'echo', 0, ''])
      await answered(id + 3, false)
    }
    peer.cut()
  }
  await Promise.all(peers.map(visit))
  expect(events).toBeGreaterThan(100)
})
