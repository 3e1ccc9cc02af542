// RS-11: of the sessions that a client's racing hellos open it uses one, and the others are not kept.

import { closeCodes } from '@typewire/core'
import { expect, test } from 'vitest'
import { createPair, dialByHand, settle, welcomeOf } from './peers.ts'

const up = (n: number) => [24, 0, 'up', 0, n]
/** One client object. */
const one = { instance: 'one' }
const byAuth = { authenticate: ({ auth = '' }) => ({ identity: auth }) }

test('RS-11: a session whose welcome is held back ends when its client is heard in another', async () => {
  const { client, server, network, pass } = createPair({}, { transports: ['http-stream', 'http-poll'] })
  network.onDial = (link) => link.name === 'http-stream' && link.holdBatches('down')
  client.up(1)
  await pass(1_200)
  expect(server.session().id).toBe(client.sessionId())
  expect(server.ran).toEqual([1])
  network.links.forEach((link) => link.flow()) // its welcome, and why it was closed
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
  expect(client.recovered()).toEqual([undefined])
})

test('RS-11: a pong is enough: a client that only listens leaves nothing behind', async () => {
  const { client, server, network, clock, pass } = createPair(
    { heartbeat: { intervalMs: 5_000, timeoutMs: 5_000 } },
    { transports: ['http-stream', 'http-poll'] },
  )
  network.onDial = (link) => link.name === 'http-stream' && link.holdBatches('down')
  client.connection.useQuietly()
  await pass(1_200)
  expect(server.node.sessions.size).toBe(2)
  await clock.advance(5_000)
  await settle()
  expect(server.session().id).toBe(client.sessionId())
})

test.each([
  ['of another client', {}, { instance: 'other' }],
  ['of another identity', { auth: 'ada' }, { auth: 'bob' }],
  ['of a later round', { attempt: 1 }, { attempt: 2 }],
])('RS-11: a session %s is left alone', async (_, hello, other) => {
  const { server, network } = createPair(byAuth)
  const quiet = await dialByHand(network, { ...one, ...hello, ...other })
  const speaking = await dialByHand(network, { ...one, ...hello })
  speaking.say(up(1))
  await settle()
  expect([quiet.closed(), server.node.sessions.size]).toEqual([undefined, 2])
})

test('RS-11: a session in which something was said is left alone', async () => {
  const { server, network } = createPair(byAuth)
  const [first, second] = [await dialByHand(network, one), await dialByHand(network, one)]
  first.say([4, 0, 0])
  await settle()
  expect([first.closed(), second.closed()]).toEqual([undefined, closeCodes.STALE.code])
  const third = await dialByHand(network, one)
  third.say(up(1))
  await settle()
  expect([first.closed(), server.node.sessions.size]).toEqual([undefined, 2])
})

test('RS-11: a close is no use: who loses a race says no more than that', async () => {
  const { server, network } = createPair(byAuth)
  const [winner, loser] = [await dialByHand(network, one), await dialByHand(network, one)]
  loser.say([3, 1000, 'another transport was first', 0])
  await settle()
  expect(winner.closed()).toBeUndefined()
  expect(server.session().id).toBe(welcomeOf(winner).session)
})

test('RS-11: to come back to a session is to use it', async () => {
  const { server, network } = createPair()
  const first = await dialByHand(network, one)
  await dialByHand(network, one)
  const { session, resume } = welcomeOf(first)
  first.link.cut()
  const again = await dialByHand(network, {
    ...one,
    attempt: 2,
    resume: { session, secret: resume.secret, received: 0 },
  })
  expect(welcomeOf(again).session).toBe(session)
  expect(server.session().id).toBe(session)
})

test('RS-11: a client that only listens and loses its link at once is waited for as any other', async () => {
  const { client, server, network, pass } = createPair({ resume: { windowMs: 60_000 } })
  client.connection.useQuietly()
  await pass(3_000)
  const { id } = server.session()
  network.onDial = (link) => link.hold()
  network.last.cut()
  await pass(40_000)
  network.onDial = () => {}
  await pass(12_000)
  expect(server.session().id).toBe(id)
  expect(client.recovered()).toEqual([undefined, true])
})
