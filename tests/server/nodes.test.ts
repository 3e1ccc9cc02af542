// Several servers of one process, joined by one broker: what they do together.

import type { createClient } from '@typewire/client'
import { createMemoryBroker } from '@typewire/server'
import { describe, expect, test } from 'vitest'
import type { Lab } from '../support/contract.ts'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

type Joined = ReturnType<ReturnType<typeof createClient<Lab>>['join']['hall']>

/** Two nodes of one server, with a member of one hall at each. */
async function twoNodes() {
  const broker = createMemoryBroker()
  const labs = [await startLab({ server: { broker } }), await startLab({ server: { broker } })] as const
  const clients = labs.map((lab) => lab.client())
  const halls = clients.map((client): Joined => client.join.hall({ id: 'h' }))
  await Promise.all(halls.map(({ ready }) => ready))
  const heard: string[][] = [[], []]
  halls.forEach((hall, index) => {
    hall.on.said(({ text }) => void heard[index]!.push(text))
  })
  return { labs, clients, halls, heard }
}

describe('servers with one broker', () => {
  test('share rooms: what one emits comes to the members of both, in one order', async () => {
    const { labs, heard } = await twoNodes()
    const [a, b] = labs.map(({ server }) => server.rooms.hall({ id: 'h' }))
    for (let n = 0; n < 50; n++) (n % 3 ? a : b)!.emit.said({ text: `${n}` })
    await eventually(() => heard.every(({ length }) => length === 50), 'all have heard all')
    expect(heard[0]).toEqual(Array.from({ length: 50 }, (_, n) => `${n}`))
    expect(heard[1]).toEqual(heard[0])
  })

  test('except leaves a session out wherever it is', async () => {
    const { labs, heard } = await twoNodes()
    const there = labs[1].session()
    labs[0].server.rooms.hall({ id: 'h' }).except(there).emit.said({ text: 'not for you' })
    labs[0].server.rooms.hall({ id: 'h' }).emit.said({ text: 'for all' })
    await eventually(() => heard[1]!.length > 0, 'the other has heard')
    expect(heard).toEqual([['not for you', 'for all'], ['for all']])
  })

  test('an emit to all sessions comes to those of both; to some, wherever they are', async () => {
    const { labs, clients } = await twoNodes()
    const notices: string[][] = [[], []]
    clients.forEach((client, index) => client.on.notice(({ text }) => void notices[index]!.push(text)))
    labs[0].server.emit.notice({ text: '1' })
    labs[0].server.to([labs[1].session()]).emit.notice({ text: '2' })
    labs[1].server.emit.notice({ text: '3' })
    await eventually(() => notices.every((heard) => heard.includes('3')), 'all have heard')
    expect(notices).toEqual([
      ['1', '3'],
      ['1', '2', '3'],
    ])
  })

  test('asks for acks on both, and gives one result per member', async () => {
    const { labs, halls } = await twoNodes()
    halls[0]!.on.poll(() => ({ yes: true }))
    const asking = labs[1].server.rooms.hall({ id: 'h' }).emitWithAck.poll({ text: '?' })
    const acks = await asking
    expect(acks.map(({ status }) => status).sort()).toEqual(['acked', 'failed'])
    expect(acks.find(({ status }) => status === 'acked')).toEqual({
      sessionId: labs[0].session().id,
      status: 'acked',
      data: { yes: true },
    })
    expect(acks.find(({ status }) => status === 'failed')).toMatchObject({
      sessionId: labs[1].session().id,
      error: { code: 'NO_HANDLER' },
    })
  })

  test('a signal ends the question on both, and a limit tells who has not answered', async () => {
    const { labs, halls } = await twoNodes()
    for (const hall of halls) hall.on.poll(() => new Promise(() => {}))
    const room = labs[0].server.rooms.hall({ id: 'h' })
    const controller = new AbortController()
    const first = settled(room.emitWithAck.poll({ text: '?' }, { signal: controller.signal }), 'the question')
    await quiet()
    controller.abort()
    expect(await first).toMatchObject({ status: 'rejected', reason: { code: 'ABORTED' } })
    const second = room.emitWithAck.poll({ text: '?' }, { timeoutMs: 500 })
    await quiet()
    await Promise.all(labs.map(({ clock }) => clock.advance(510)))
    expect((await second).map(({ status }) => status)).toEqual(['timedOut', 'timedOut'])
  })

  test('a server that closes takes its members with it, and the other goes on', async () => {
    const { labs, heard } = await twoNodes()
    await labs[1].close()
    labs[0].server.rooms.hall({ id: 'h' }).emit.said({ text: 'still here' })
    await eventually(() => heard[0]!.length === 1, 'the member here has heard')
    expect(await labs[0].server.rooms.hall({ id: 'h' }).emitWithAck.said({ text: 'and?' })).toHaveLength(1)
  })
})
