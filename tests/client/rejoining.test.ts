// What becomes of a room after a lost session, where the server answers the join with an error.

import type { RoomStatus } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, rawServer } from './clients.ts'

failOnUnhandledRejections()

/** A client that has lost its session in the hall, and asks to join again. */
async function rejoining(options: { readonly timeoutMs?: number } = {}) {
  const server = await rawServer()
  const client = server.client({ reconnect: { random: () => 1 }, ...options })
  const hall = client.join.hall({ id: 'h' })
  const states: RoomStatus['state'][] = []
  hall.status.subscribe(() => states.push(hall.status.current.state))
  const first = await server.welcome()
  const [, id] = await first.read()
  first.send([frames.result.kind, id, { room: 7 }])
  await hall.ready
  first.cut()
  await is(client, 'waiting')
  await client.clock.advance(500)
  const peer = await server.welcome()
  /** The id of the next join. */
  const asked = async () => {
    const [, join, name] = await peer.read()
    expect(name).toBe('$join')
    return join as number
  }
  const refuse = async (code: string) => {
    peer.send([frames.error.kind, await asked(), code, 'no', 0])
    await quiet()
  }
  return { ...server, client, hall, states, peer, asked, refuse }
}

describe('a handle that joins again', () => {
  test.each(['INTERNAL', 'OVERLOADED', 'TIMED_OUT'])(
    'RM-3: asks again, later and later, while the server cannot tell: %s',
    async (code) => {
      const { client, hall, states, peer, asked, refuse } = await rejoining()
      await refuse(code)
      expect(hall.status.current.state).toBe('rejoining')
      await client.clock.advance(490)
      await quiet()
      expect(peer.unread).toEqual([])
      await client.clock.advance(18)
      await refuse(code)
      await client.clock.advance(990)
      await quiet()
      expect(peer.unread).toEqual([])
      await client.clock.advance(18)
      peer.send([frames.result.kind, await asked(), { room: 8 }])
      await eventually(() => hall.status.current.state === 'joined', 'it is joined')
      expect(states).toEqual(['joined', 'rejoining', 'joined'])
    },
  )

  test('RM-3: asks again where no answer comes', async () => {
    const { client, hall, peer, asked } = await rejoining()
    const id = await asked()
    await client.clock.advance(35_010)
    expect(await peer.read()).toEqual([frames.cancel.kind, id])
    await client.clock.advance(510)
    peer.send([frames.result.kind, await asked(), { room: 8 }])
    await eventually(() => hall.status.current.state === 'joined', 'it is joined')
  })

  test.each(['FORBIDDEN', 'NOT_FOUND', 'INVALID_INPUT', 'UNAUTHORIZED'])('RM-3: is denied by %s', async (code) => {
    const { client, hall, peer, refuse } = await rejoining()
    await refuse(code)
    expect(hall.status.current).toMatchObject({ state: 'denied', reason: { code } })
    await client.clock.advance(60_000)
    await quiet()
    expect(peer.unread).toEqual([])
  })

  test('has no time limit: that was of its first join', async () => {
    const { client, hall, peer, asked } = await rejoining({ timeoutMs: 1_000 })
    const id = await asked()
    await client.clock.advance(5_000)
    expect(hall.status.current.state).toBe('rejoining')
    peer.send([frames.result.kind, id, { room: 8 }])
    await eventually(() => hall.status.current.state === 'joined', 'it is joined')
  })

  test('asks no more once it is left, or the client is closed', async () => {
    const left = await rejoining()
    await left.refuse('INTERNAL')
    left.hall.leave()
    await left.client.clock.advance(60_000)
    await quiet()
    expect(left.peer.unread).toEqual([])

    const closed = await rejoining()
    await closed.refuse('INTERNAL')
    await closed.client.close()
    expect(closed.hall.status.current).toMatchObject({ state: 'left', by: 'client' })
    expect(closed.client.clock.pending).toBe(0)
  })

  test('asks at once in the session that follows, and once', async () => {
    const { client, hall, peer, refuse, welcome } = await rejoining()
    await refuse('INTERNAL')
    peer.cut()
    await is(client, 'waiting')
    const connecting = client.connect()
    const next = await welcome()
    await connecting
    const [, id, name] = await next.read()
    expect(name).toBe('$join')
    await client.clock.advance(1_000)
    await quiet()
    expect(next.unread).toEqual([])
    next.send([frames.result.kind, id, { room: 9 }])
    await eventually(() => hall.status.current.state === 'joined', 'it is joined')
  })
})

test('a first join that the server could not judge is denied: its caller is there to ask again', async () => {
  const server = await rawServer()
  const hall = server.client().join.hall({ id: 'h' })
  const peer = await server.welcome()
  const [, id] = await peer.read()
  peer.send([frames.error.kind, id, 'INTERNAL', 'no', 0])
  await expect(hall.ready).rejects.toMatchObject({ code: 'INTERNAL' })
})
