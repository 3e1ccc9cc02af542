// RM-12: what becomes of memberships when the credentials of a session are others.

import { defineContract, event, room } from '@typewire/core'
import { createServer } from '@typewire/server'
import { connectRawPeer, createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, quiet } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

const contract = defineContract({
  auth: z.object({ rooms: z.array(z.number()) }),
  rooms: {
    chat: room({ params: z.number(), events: { toClient: { said: event(z.string()) } } }),
    inbox: room({ params: z.number() }),
  },
})

/** A server that lets in where the credentials say so, once `gate` is open. */
async function start() {
  const clock = createFakeClock()
  const asked: number[] = []
  const errors: unknown[] = []
  const control = { isFailing: false, gate: Promise.resolve() }
  const server = createServer(contract, {
    clock,
    authenticate: ({ auth }) => ({ identity: 'ada', rooms: auth.rooms }),
    onError: (error) => void errors.push(error),
  })
  const listening = server.implement({
    rooms: {
      chat: {
        async authorize({ ctx, params }) {
          asked.push(params)
          const { rooms } = ctx
          await control.gate
          if (control.isFailing) throw new Error('no database')
          return rooms.includes(params)
        },
      },
    },
  })
  const { url } = await serve(listening, clock)
  let attempt = 0
  const open = async (rooms: readonly number[], hello: object = {}) => {
    const peer = await connectRawPeer(`${url}/typewire`)
    onTestFinished(() => peer.cut())
    const welcome = await peer.hello({ auth: { rooms }, attempt: ++attempt, ...hello })
    return Object.assign(peer, { welcome })
  }
  type Peer = Awaited<ReturnType<typeof open>>
  const join = async (peer: Peer, id: number, params: number) => {
    peer.send([17, id, '$join', 0, { kind: 'chat', params }])
    return ((await peer.readKind(18))[2] as { readonly room: number }).room
  }
  /** Comes back to the session of a peer that was cut, having received so many frames. */
  const resume = async (peer: Peer, rooms: readonly number[], received: number) => {
    peer.cut()
    const { session, resume } = peer.welcome as { session: string; resume: { secret: string } }
    return open(rooms, { resume: { session, secret: resume.secret, received } })
  }
  const renew = (peer: Peer, id: number, rooms: readonly number[]) => peer.send([17, id, '$auth', 0, { rooms }])
  return { server, asked, errors, control, open, join, resume, renew, session: () => [...server.sessions][0]! }
}

describe('RM-12: after other credentials', () => {
  test('shown in band, memberships are judged anew; what server code holds is not', async () => {
    const { server, asked, open, join, renew, session } = await start()
    const peer = await open([1, 2, 3])
    const [, two] = [await join(peer, 1, 1), await join(peer, 2, 2)]
    await join(peer, 3, 3)
    await session().join(server.rooms.chat(3))
    asked.length = 0
    renew(peer, 4, [1])
    expect((await peer.readKind(18)).slice(0, 2)).toEqual([18, 4])
    expect(await peer.read()).toEqual([28, two, 'authorize does not let it in any more'])
    expect(asked).toEqual([1, 2])
    expect(await server.rooms.chat(1).members()).toHaveLength(1)
    expect(await server.rooms.chat(3).members()).toHaveLength(1)
  })

  test('shown at a resume, the same', async () => {
    const { server, open, join, resume } = await start()
    const peer = await open([1, 2])
    await join(peer, 1, 1)
    const two = await join(peer, 2, 2)
    const back = await resume(peer, [1], 2)
    expect(await back.read()).toEqual([28, two, 'authorize does not let it in any more'])
    expect(await server.rooms.chat(1).members()).toHaveLength(1)
  })

  test('nothing of the session waits for it', async () => {
    const { control, asked, server, open, join, renew } = await start()
    const peer = await open([1])
    const one = await join(peer, 1, 1)
    let go = () => {}
    control.gate = new Promise((resolve) => (go = resolve))
    renew(peer, 2, [])
    expect(await peer.readKind(18)).toEqual([18, 2, {}])
    await eventually(() => asked.length === 2, 'it is judged')
    server.rooms.chat(1).emit.said('hi')
    peer.send([17, 3, '$leave', 0, { join: 0 }])
    expect((await peer.read())[5]).toBe('hi')
    expect(await peer.read()).toEqual([18, 3])
    go()
    expect((await peer.read()).slice(0, 2)).toEqual([28, one])
  })

  test('the last ones count, however the judgements overtake each other', async () => {
    const { control, asked, server, open, join, renew } = await start()
    const peer = await open([1])
    await join(peer, 1, 1)
    const gates: (() => void)[] = []
    control.gate = new Promise((resolve) => gates.push(resolve))
    renew(peer, 2, [])
    await peer.readKind(18)
    await eventually(() => asked.length === 2, 'it is judged')
    renew(peer, 3, [1])
    await peer.readKind(18)
    gates[0]!()
    await eventually(() => asked.length === 3, 'it is judged by the newer ones')
    await quiet()
    expect(await server.rooms.chat(1).members()).toHaveLength(1)
    expect(peer.unread).toEqual([])
  })

  test('a join that is under way is judged by the newer ones too', async () => {
    const { control, asked, server, open, renew } = await start()
    const peer = await open([1])
    let go = () => {}
    control.gate = new Promise((resolve) => (go = resolve))
    peer.send([17, 1, '$join', 0, { kind: 'chat', params: 1 }])
    renew(peer, 2, [])
    await peer.readKind(18)
    expect(asked).toEqual([1])
    go()
    expect((await peer.readKind(19)).slice(0, 3)).toEqual([19, 1, 'FORBIDDEN'])
    expect(asked).toEqual([1, 1])
    expect(await server.rooms.chat(1).members()).toEqual([])
  })

  test('an authorize that fails is no verdict: the membership stays, and onError is told', async () => {
    const { control, errors, server, open, join, renew } = await start()
    const peer = await open([1])
    await join(peer, 1, 1)
    control.isFailing = true
    renew(peer, 2, [])
    await peer.readKind(18)
    await eventually(() => errors.length === 1, 'the server is told')
    expect(errors).toMatchObject([{ message: 'no database' }])
    expect(await server.rooms.chat(1).members()).toHaveLength(1)
  })

  test('a room that was left and joined again meanwhile is not ended by what was judged of before', async () => {
    const { control, asked, server, open, join, renew, session } = await start()
    const peer = await open([1])
    await join(await open([1]), 1, 1) // keeps the room
    await join(peer, 1, 1)
    let go = () => {}
    control.gate = new Promise((resolve) => (go = resolve))
    renew(peer, 2, [])
    await eventually(() => asked.length === 3, 'it is judged')
    peer.send([17, 3, '$leave', 0, { join: 1 }])
    await peer.readKind(18)
    expect(await peer.readKind(18)).toEqual([18, 3])
    await session().join(server.rooms.chat(1))
    go()
    await quiet()
    expect(await server.rooms.chat(1).members()).toHaveLength(2)
  })
})
