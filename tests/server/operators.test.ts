// What server code does with the members of a room, wherever they are: two nodes, joined by one broker.

import { TypewireError } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { type LabHandlers, type RunningLab, startLab, type TestClient } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

type Hall = ReturnType<TestClient['join']['hall']>
type Authorize = NonNullable<NonNullable<LabHandlers['rooms']>['hall']>['authorize']

/** Two nodes of one server. Who a client is, its query says. */
async function nodes(authorize: Authorize = () => true) {
  const broker = createMemoryBroker()
  const start = () =>
    startLab({
      server: { broker, authenticate: ({ headers }) => ({ identity: headers['x-name'] ?? null }) },
      handlers: { rooms: { hall: { authorize } } },
    })
  const labs = [await start(), await start()] as const
  const halls = labs.map(({ server }) => server.rooms.hall({ id: 'h' })) as [HallRef, HallRef]
  /** A member by hand, of an identity. */
  const member = async (lab: RunningLab, name: string, id = 'h') => {
    const peer = await lab.peer({ headers: { 'x-name': name } })
    const { session } = (await peer.hello()) as { readonly session: string }
    peer.send([17, 1, '$join', 0, { kind: 'hall', params: { id } }])
    const [kind] = await peer.read()
    return Object.assign(peer, { id: session, isMember: kind === 18 })
  }
  return { labs, halls, member }
}
type HallRef = ReturnType<RunningLab['server']['rooms']['hall']>

const identities = async (hall: HallRef) => (await hall.members()).map(({ identity }) => `${identity}`).sort()

describe('members', () => {
  test('are those of all nodes, from whichever is asked; without those that are excepted', async () => {
    const { labs, halls, member } = await nodes()
    expect(await halls[0].members()).toEqual([])
    const ada = await member(labs[0], 'ada')
    const bob = await member(labs[1], 'bob')
    await member(labs[1], 'bob')
    await member(labs[1], 'eve', 'another hall')
    for (const hall of halls) expect(await identities(hall)).toEqual(['ada', 'bob', 'bob'])
    expect(await halls[1].members()).toContainEqual({ sessionId: ada.id, identity: 'ada' })
    expect(await identities(halls[0].except(bob))).toEqual(['ada', 'bob'])
    ada.cut()
    await eventually(() => [...labs[0].server.sessions].length === 0, 'the session has ended')
    expect(await identities(halls[1])).toEqual(['bob', 'bob'])
  })

  test('are never a part of them: a node that does not answer is told of', async () => {
    const memory = createMemoryBroker()
    let isDeaf = false
    const deaf: typeof memory = {
      connect: (node, events) =>
        memory.connect(node, { ...events, onPublication: (...given) => isDeaf || events.onPublication(...given) }),
    }
    const here = await startLab({ server: { broker: memory } })
    const there = await startLab({ server: { broker: deaf } })
    for (const lab of [here, there]) await lab.client().join.hall({ id: 'h' }).ready
    isDeaf = true
    const hall = here.server.rooms.hall({ id: 'h' })
    for (const ask of [() => hall.members(), () => hall.reauthorize(), () => hall.close()]) {
      const outcome = settled<unknown>(ask(), 'it')
      await here.clock.advance(31_010)
      expect(await outcome).toMatchObject({
        reason: {
          code: 'TIMED_OUT',
          message: expect.stringContaining('nodes that have not answered within 30000 ms: 1.') as string,
        },
      })
    }
  })
})

describe('evict', () => {
  test('ends the membership of one session, by a node that it is not at, behind what was emitted before', async () => {
    const { labs, halls, member } = await nodes()
    const [ada, bob] = [await member(labs[0], 'ada'), await member(labs[1], 'bob')]
    halls[0].emit.said({ text: 'before' })
    await halls[0].evict({ id: bob.id }, 'no shouting')
    halls[0].emit.said({ text: 'after' })
    expect((await bob.read())[5]).toEqual({ text: 'before' })
    expect(await bob.read()).toEqual([28, 1, 'no shouting'])
    expect((await ada.read())[5]).toEqual({ text: 'before' })
    expect((await ada.read())[5]).toEqual({ text: 'after' })
    expect(await identities(halls[0])).toEqual(['ada'])
  })

  test('ends those of all sessions of an identity, on all nodes, and takes a session as it is', async () => {
    const { labs, halls, member } = await nodes()
    for (const lab of labs) for (const name of ['ada', 'bob', 'bob']) await member(lab, name)
    await halls[0].evict({ identity: 'bob' })
    expect(await identities(halls[1])).toEqual(['ada', 'ada'])
    await halls[1].evict([...labs[0].server.sessions][0]!)
    expect(await halls[1].members()).toHaveLength(1)
  })

  test('ends what server code holds too, and refuses a join that is under way on another node', async () => {
    let letIn = (_yes: boolean) => {}
    const { labs, halls, member } = await nodes(({ ctx }) =>
      ctx.identity === 'eve' ? new Promise<boolean>((resolve) => (letIn = resolve)) : true,
    )
    const ada = await member(labs[1], 'ada')
    const [session] = labs[1].server.sessions
    await session!.join(halls[1])
    const eve = member(labs[1], 'eve')
    await quiet()
    await halls[0].evict({ identity: 'ada' })
    await halls[0].evict({ identity: 'eve' }, 'not you')
    expect((await eve).isMember).toBe(false)
    letIn(true)
    await quiet()
    expect(await halls[0].members()).toEqual([])
    expect((await ada.readKind(28)).slice(0, 2)).toEqual([28, 1])
  })

  test('refuses to be told nobody', async () => {
    const { halls } = await nodes()
    const nobody = [{}, { id: undefined }, { identity: null }, 'mallory', 7, null, undefined] as unknown as {
      id: string
    }[]
    for (const who of nobody) await expect(halls[0].evict(who)).rejects.toThrow(/^evict\(who\): give a session/)
    // Without anybody it is asked about all.
    for (const who of nobody.slice(0, -1))
      await expect(halls[0].reauthorize(who)).rejects.toThrow(/^reauthorize\(who\)/)
  })

  test('cuts a reason to what a frame takes', async () => {
    const { labs, halls, member } = await nodes()
    const ada = await member(labs[0], 'ada')
    await halls[0].evict({ identity: 'ada' }, 'x'.repeat(5_000))
    expect((await ada.read())[2]).toBe('x'.repeat(1_024))
  })
})

describe('close', () => {
  test('ends all memberships on all nodes, and who wants may join again', async () => {
    const { labs, halls, member } = await nodes()
    const clients = labs.map((lab) => lab.client())
    const joined = clients.map((client): Hall => client.join.hall({ id: 'h' }))
    await Promise.all(joined.map(({ ready }) => ready))
    const spared = await member(labs[1], 'spared')
    await halls[0].except(spared).close('it is late')
    await eventually(() => joined.every(({ status }) => status.current.state === 'left'), 'all have left')
    expect(joined[1]!.status.current).toMatchObject({ by: 'server', reason: { message: 'Room hall: it is late.' } })
    expect(await identities(halls[0])).toEqual(['spared'])
    await halls[0].close()
    expect(await halls[1].members()).toEqual([])
    await clients[1]!.join.hall({ id: 'h' }).ready
    expect(await halls[0].members()).toHaveLength(1)
  })
})

describe('reauthorize', () => {
  test('evicts those on all nodes that authorize does not let in any more', async () => {
    const banned = new Set<string | null>()
    const { labs, halls, member } = await nodes(async ({ ctx }) => !banned.has(ctx.identity))
    for (const lab of labs) for (const name of ['ada', 'bob', 'eve']) await member(lab, name)
    const [, held] = labs[1].server.sessions
    await held!.join(halls[1]) // a bob
    banned.add('bob').add('eve')
    await halls[0].reauthorize({ identity: 'eve' })
    expect(await identities(halls[0])).toEqual(['ada', 'ada', 'bob', 'bob'])
    await halls[0].reauthorize()
    expect(await identities(halls[0])).toEqual(['ada', 'ada', 'bob'])
  })

  test('a refusal that is thrown is one; a failure is none: the membership stays, and both sides are told', async () => {
    let fail: Error | undefined
    const { labs, halls, member } = await nodes(() => {
      if (fail) throw fail
      return true
    })
    const ada = await member(labs[1], 'ada')
    fail = new Error('no database')
    await expect(halls[0].reauthorize()).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await halls[0].members()).toHaveLength(1)
    expect(labs[1].errors).toMatchObject([{ error: fail, info: { where: 'room hall authorize', sessionId: ada.id } }])
    fail = new TypewireError('FORBIDDEN', 'banned since noon')
    await halls[0].reauthorize()
    expect(await ada.read()).toEqual([28, 1, 'banned since noon'])
  })

  test('a join that is under way is judged anew', async () => {
    const verdicts: ((yes: boolean) => void)[] = []
    const { labs, halls, member } = await nodes(() => new Promise((resolve) => verdicts.push(resolve)))
    const eve = member(labs[1], 'eve')
    await eventually(() => verdicts.length === 1, 'she is judged')
    await halls[0].reauthorize()
    verdicts[0]!(true)
    await eventually(() => verdicts.length === 2, 'she is judged again')
    verdicts[1]!(false)
    expect((await eve).isMember).toBe(false)
  })

  test('does not wait for an authorize that never answers for longer than its time limit', async () => {
    let isHanging = false
    const { labs, halls, member } = await nodes(() => !isHanging || new Promise<boolean>(() => {}))
    await member(labs[0], 'ada')
    isHanging = true
    const judged = settled(halls[0].reauthorize(), 'it')
    await labs[0].clock.advance(30_010)
    expect(await judged).toMatchObject({ reason: { code: 'INTERNAL' } })
    expect(await halls[0].members()).toHaveLength(1)
  })
})

describe('and: several rooms as one', () => {
  test('who is in several of them gets it once, on every node, and each room keeps its order', async () => {
    const { labs, halls, member } = await nodes()
    const other = labs[0].server.rooms.hall({ id: 'i' })
    const third = labs[0].server.rooms.hall({ id: 'j' })
    for (const lab of labs) {
      const both = await member(lab, 'both')
      both.send([17, 2, '$join', 0, { kind: 'hall', params: { id: 'i' } }])
      await both.read()
      const one = await member(lab, 'one', 'i')
      halls[0].emit.said({ text: '1' })
      halls[0].and(other, third, other).emit.said({ text: '2' })
      halls[0].and(other).except(one).emit.said({ text: '3' })
      halls[0].and(other.except(both, one)).emit.said({ text: '4' })
      other.and(halls[0]).emit.said({ text: '5' })
      labs[0].server.emit.notice({ text: 'end' })
      const texts = async (peer: typeof both) => {
        const heard: string[] = []
        for (;;) {
          const frame = await peer.read()
          if (frame[0] === 24) return heard
          heard.push((frame[5] as { text: string }).text)
        }
      }
      expect(await texts(both)).toEqual(['1', '2', '3', '4', '5'])
      expect(await texts(one)).toEqual(['2', '5'])
    }
  })

  test('emitWithAck gives one result per session', async () => {
    const { labs, halls, member } = await nodes()
    const other = labs[1].server.rooms.hall({ id: 'i' })
    const peers = [await member(labs[0], 'a'), await member(labs[1], 'b'), await member(labs[1], 'c', 'i')]
    for (const peer of peers.slice(0, 2)) {
      peer.send([17, 2, '$join', 0, { kind: 'hall', params: { id: 'i' } }])
      await peer.read()
    }
    const acks = other.and(halls[1]).emitWithAck.poll({ text: '?' })
    for (const peer of peers) {
      const [, id] = await peer.readKind(25)
      peer.send([18, id, { yes: true }])
    }
    expect((await acks).map(({ sessionId }) => sessionId).sort()).toEqual(peers.map(({ id }) => id).sort())
    const gone = new AbortController()
    const aborted = halls[0].and(other).emitWithAck.poll({ text: '?' }, { signal: gone.signal })
    gone.abort()
    await expect(aborted).rejects.toMatchObject({ code: 'ABORTED' })
  })

  test('refuses a room of another kind, and what is no room', async () => {
    const { labs, halls } = await nodes()
    const office = labs[0].server.rooms.office({ id: '1' })
    expect(() => halls[0].and(office as unknown as HallRef)).toThrow('it is a office')
    expect(() => halls[0].and({ ...halls[0] })).toThrow(TypeError)
  })
})
