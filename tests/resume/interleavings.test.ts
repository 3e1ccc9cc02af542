// The interleavings that broke earlier drafts of the protocol, by number: connections that are lost, late, doubled or
// half open, against a real client and a real server, moved by hand. 6, 11, 14, 15, 17 and 28 to 30 are in
// `interleavings-numbers.test.ts`, 26 and 27 in `times.test.ts`. 12 and 13 are HTTP's own and in
// `interleavings-http.test.ts`, with 2 and 6 over real sockets; 22 lies with the rooms. 16 and 19 (credits), 18
// (conflation), 20, 21 and 23 (history), 24 (presence) and 25 (kept results) come with what they speak of.

import { closeCodes } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { expect, test } from 'vitest'
import { createPair, dialByHand, helloBody, settle, welcomeOf } from './peers.ts'

const opened = (statuses: readonly { readonly state: string }[]) => statuses.filter(({ state }) => state === 'open')

test('1: a lost welcome locks nobody out; the next hello has a higher number (RS-4)', async () => {
  const { client, server, network, pass } = createPair()
  client.up(1)
  await settle()
  const { secret } = server.session()
  network.onDial = (link) => link.holdBatches('down')
  for (let round = 0; round < 3; round++) {
    network.last.cut()
    await pass(64)
    expect(server.session().wire.isAttached).toBe(true)
    client.up(2 + round)
    await settle()
  }
  network.onDial = () => {}
  network.last.cut()
  await pass(100)
  expect(client.recovered()).toEqual([undefined, true])
  expect(server.session().secret).toBe(secret)
  expect(server.ran).toEqual([1, 2, 3, 4])
})

test('2: a hello that a proxy held back while another transport won changes nothing (RS-4)', async () => {
  const { client, server, network, clock } = createPair({}, { transports: ['websocket', 'http-stream'] })
  client.up(1)
  await settle()
  network.onDial = (link) => link.name === 'websocket' && link.hold('up')
  network.last.cut()
  await clock.advance(100) // WebSocket hangs
  const late = network.last
  await clock.advance(1_100) // HTTP starts beside it
  await settle()
  const { link } = { link: network.last }
  expect([late.name, link.name]).toEqual(['websocket', 'http-stream'])
  expect(client.recovered()).toEqual([undefined, true])
  // The hello that hung arrives now; it has the number of the round that HTTP has won.
  const copy = network.repeat(link)
  await settle()
  expect(copy.sent.down.map(closeCodeIn)).toEqual([closeCodes.STALE.code])
  late.flow()
  client.up(2)
  server.session().wire.send({ text: '[24,0,"down",0,"a"]' })
  await settle()
  expect(server.ran).toEqual([1, 2])
  expect(client.down).toEqual(['a'])
  expect(link.isOpen('server')).toBe(true)
  expect(opened(client.statuses)).toHaveLength(2)
})

test('3: of two racers of one round the first attaches and the other is stale (RS-4)', async () => {
  const { client, server, network, pass } = createPair({}, { transports: ['websocket', 'http-stream'] })
  client.up(1)
  await settle()
  network.onDial = (link) => link.holdBatches('down')
  network.last.cut()
  await pass(1_200)
  const racers = network.links.slice(1)
  expect(racers.map(({ name }) => name)).toEqual(['websocket', 'http-stream'])
  for (const racer of racers) racer.flow()
  await settle()
  const answers = racers.map(({ sent }) => sent.down.map(closeCodeIn)[0])
  expect(answers).toEqual([-frames.welcome.kind, closeCodes.STALE.code])
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
  expect(client.recovered()).toEqual([undefined, true])
})

test('3: the stale one takes over with a higher number where the welcome of the first never comes', async () => {
  const { client, server, network, pass } = createPair({}, { transports: ['websocket', 'http-stream'] })
  client.up(1)
  await settle()
  network.onDial = (link) => link.name === 'websocket' && link.holdBatches('down')
  network.last.cut()
  await pass(2_500) // well before the first one is given up
  expect(client.statuses.at(-1)).toMatchObject({ state: 'open', transport: 'http-stream', recovered: true })
  network.links.forEach((link) => link.flow())
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
  expect(client.recovered(), 'its welcome comes too late').toEqual([undefined, true])
})

test('3: on a first connect the fresh session of the slower racer is closed', async () => {
  const { client, server, network, pass } = createPair({}, { transports: ['websocket', 'http-stream'] })
  network.onDial = (link) => link.holdBatches('down')
  const answer = client.add(1)
  await pass(1_200)
  expect(server.node.sessions.size, 'both hellos were welcomed').toBe(2)
  for (const link of [...network.links].reverse()) {
    link.flow()
    await settle()
  }
  expect(await answer).toBe(2)
  expect(server.session().id).toBe(client.sessionId())
  expect(network.links.map((link) => link.isOpen('client'))).toEqual([false, true])
})

test('3: a client that is closed while its welcome is on its way leaves no session behind', async () => {
  const { client, server, network, pass } = createPair()
  network.onDial = (link) => link.holdBatches('down')
  client.up(1)
  await settle()
  expect(server.node.sessions.size).toBe(1)
  const closed = client.connection.close()
  network.last.flow()
  await pass(2_000)
  await closed
  expect(server.node.sessions.size).toBe(0)
})

test('4: what a superseded connection still brings is not counted, and nothing is written to it (RS-7)', async () => {
  const { client, server, network, clock, pass } = createPair()
  client.up(1)
  await settle()
  const old = network.last
  old.hold('up', 'down')
  client.up(2) // on its way on the old link
  await settle()
  old.cut('client') // the client has noticed; the server believes in it still
  await clock.advance(100)
  await settle()
  expect(server.session().wire.isAttached).toBe(true)
  const written = old.sent.down.length
  client.up(3)
  server.session().wire.send({ text: '[24,0,"down",0,"a"]' })
  old.flow('up') // and now the old one delivers
  await pass(2_100) // a close that is not answered
  expect(server.ran).toEqual([1, 2, 3])
  expect(client.down).toEqual(['a'])
  expect(old.sent.down.length, 'nothing is written to the old one').toBe(written)
  expect(old.isOpen('server'), 'it is closed').toBe(false)
  expect(client.recovered()).toEqual([undefined, true])
})

test('4: a close that an old connection still brings ends nothing', async () => {
  const { network, server } = createPair()
  const first = await dialByHand(network)
  const { session, resume } = welcomeOf(first)
  first.link.hold('up')
  first.say([24, 0, 'up', 0, 1])
  first.say([3, 1000, 'late', 0])
  const second = await dialByHand(network, { attempt: 2, resume: { session, secret: resume.secret, received: 0 } })
  expect(welcomeOf(second).received).toBe(0)
  first.link.flow()
  await settle()
  expect(server.ran).toEqual([])
  expect(server.session().wire.isAttached).toBe(true)
  expect(first.closed()).toBe(closeCodes.STALE.code)
})

test('4: frames of a batch behind the one whose handler ended the session are not dispatched', async () => {
  const { network, server } = createPair({ up: ({ session }) => session.close('enough') })
  const peer = await dialByHand(network)
  peer.say([24, 0, 'up', 0, 1], [17, 1, 'add', 0, 2])
  await settle()
  expect(peer.closed()).toBe(closeCodes.SESSION_CLOSED.code)
  expect(server.ran).toEqual([])
})

test('5: a server that has forgotten the session runs nothing twice, and no number shifts (HS-1, HS-3)', async () => {
  const { client, server, network, clock } = createPair()
  client.up(1)
  await settle()
  network.last.hold('up')
  client.up(2)
  const seen = client.add(3).catch((error: unknown) => error) // written: the server may have seen it
  await settle()
  network.last.cut()
  client.up(4)
  const unseen = client.add(5) // never written
  server.session().end('the test ended it')
  await clock.advance(100)
  await settle()
  expect(await seen).toMatchObject({ code: 'SESSION_LOST', outcome: 'unknown' })
  expect(await unseen).toBe(6)
  expect(server.ran).toEqual([1, 4, 5])
  expect(client.recovered()).toEqual([undefined, false])
})

test.each(['behind the hello', 'while it is authenticated'])('5: counted frames %s are refused', async (when) => {
  let letIn = () => {}
  const { network, server } = createPair({
    authenticate: () => new Promise((resolve) => (letIn = () => resolve({ identity: null }))),
  })
  const peer = await dialByHand(network, false)
  const event = [24, 0, 'up', 0, 1]
  if (when === 'behind the hello') peer.say([0, helloBody({})], event)
  else {
    peer.say([0, helloBody({})])
    peer.say(event)
  }
  await settle()
  letIn()
  await settle()
  expect(peer.closed()).toBe(closeCodes.BAD_FRAME.code)
  expect(server.ran).toEqual([])
  expect(server.node.sessions.size).toBe(0)
})

test('5: a client sends nothing that is counted before the welcome', async () => {
  const { client, network } = createPair()
  network.onDial = (link) => link.holdBatches('down')
  client.up(1)
  await settle()
  client.up(2)
  await settle()
  const [hello, ...rest] = network.last.sent.up
  expect(JSON.parse(hello!)).toHaveLength(1)
  expect(rest).toEqual([])
})

test('7: a retry of the better transport that reaches a node which does not know the session costs nothing (RS-3)', async () => {
  const { client, server, network, clock } = createPair({}, { transports: ['websocket', 'http-poll'] })
  const stranger = createPair({ clock }).server
  const accept = { websocket: stranger, 'http-poll': server }
  let isBlocked = true
  Object.assign(network.options, {
    accept: (link: { name: 'websocket' | 'http-poll' }, open: never) => {
      if (link.name === 'http-poll' || !isBlocked) accept[link.name].accept(link as never, open)
    },
  })
  client.up(1)
  await clock.advance(100)
  await settle()
  expect(client.statuses.at(-1)).toMatchObject({ state: 'open', transport: 'http-poll' })
  isBlocked = false
  await clock.advance(30_000)
  await settle()
  const retry = network.links.filter(({ name }) => name === 'websocket').at(-1)!
  expect(retry.sent.down).toEqual(['[[2,null]]'])
  expect(retry.sent.up, 'it does not ask for a new session').toHaveLength(1)
  client.up(2)
  await settle()
  expect(server.ran).toEqual([1, 2])
  expect(client.recovered()).toEqual([undefined])
  expect(stranger.node.sessions.size).toBe(0)
})

test('8: a hello just before the session expires saves it, on both sides, while authentication runs (RS-6)', async () => {
  let letIn = () => {}
  let isSlow = false
  const { client, server, network, clock } = createPair({
    authenticate: () =>
      isSlow ? new Promise((resolve) => (letIn = () => resolve({ identity: 'ada' }))) : { identity: 'ada' },
    resume: { windowMs: 4_000 },
  })
  client.up(1)
  await settle()
  const { id } = server.session()
  network.onDial = (link) => link.hold()
  isSlow = true
  network.last.cut()
  await clock.advance(3_900)
  network.links.forEach((link) => link.flow())
  await settle()
  await clock.advance(400)
  expect(server.node.sessions.get(id), 'pinned').toBeDefined()
  letIn()
  await settle()
  client.up(2)
  await settle()
  expect(server.session().id).toBe(id)
  expect(server.ran).toEqual([1, 2])
  expect(client.recovered()).toEqual([undefined, true])
})

test('8: the pin of a hello lasts until the session has the connection (RS-6)', async () => {
  let letIn = () => {}
  let isSlow = false
  const { server, network, clock } = createPair({
    authenticate: () =>
      isSlow ? new Promise((resolve) => (letIn = () => resolve({ identity: 'ada' }))) : { identity: 'ada' },
    resume: { windowMs: 4_000 },
  })
  const first = await dialByHand(network)
  const { session, resume } = welcomeOf(first)
  first.link.cut()
  isSlow = true
  await clock.advance(3_900)
  const second = await dialByHand(network, { attempt: 2, resume: { session, secret: resume.secret, received: 0 } })
  await clock.advance(400)
  letIn()
  await settle()
  expect(welcomeOf(second).session).toBe(session)
  await clock.advance(8_000)
  expect(server.node.sessions.size, 'it has a connection: no time runs').toBe(1)
})

test('8: a pin that comes to nothing lets the session expire, and one that hangs does not outlive its connection', async () => {
  let fail = () => {}
  let isSlow = false
  const { server, network, clock } = createPair({
    authenticate: () =>
      isSlow ? new Promise((_, reject) => (fail = () => reject(new Error('down')))) : { identity: 'ada' },
    resume: { windowMs: 4_000 },
    helloTimeoutMs: 1_000,
  })
  const first = await dialByHand(network)
  const { session, resume } = welcomeOf(first)
  const asked = { attempt: 2, resume: { session, secret: resume.secret, received: 0 } }
  first.link.cut()
  isSlow = true
  await clock.advance(3_600)
  await dialByHand(network, asked)
  await clock.advance(500)
  expect(server.node.sessions.size, 'pinned past its time').toBe(1)
  fail()
  await settle()
  expect(server.node.sessions.size, 'authentication failed: its time is over').toBe(0)

  isSlow = false
  const second = await dialByHand(network)
  const again = welcomeOf(second)
  second.link.cut()
  isSlow = true
  await clock.advance(3_600)
  await dialByHand(network, {
    attempt: 2,
    resume: { session: again.session, secret: again.resume.secret, received: 0 },
  })
  await clock.advance(1_100) // the time limit of the hello; authenticate never answers
  await settle()
  expect(server.node.sessions.size).toBe(0)
  expect(clock.pending).toBe(0)
})

test('8: a pin does not detach the connection that lives', async () => {
  let isSlow = false
  const { server, network } = createPair({
    authenticate: () => (isSlow ? new Promise(() => {}) : { identity: 'ada' }),
  })
  const first = await dialByHand(network)
  const { session, resume } = welcomeOf(first)
  isSlow = true
  await dialByHand(network, { attempt: 2, resume: { session, secret: resume.secret, received: 0 } })
  first.say([24, 0, 'up', 0, 1])
  await settle()
  expect(server.ran).toEqual([1])
  expect(first.closed()).toBeUndefined()
})

test('9: another identity gets another session, with nothing of the first (RS-5, RS-10)', async () => {
  let user = 'ada'
  const { client, server, network, clock } = createPair(
    {
      authenticate: ({ auth = '' }) => ({ identity: auth }),
    },
    { auth: () => user },
  )
  client.up(1)
  await settle()
  const ada = server.session()
  network.last.cut()
  ada.wire.send({ text: '[24,0,"down",0,"for ada"]' })
  client.up(2)
  const call = client.add(3).catch((error: unknown) => error)
  user = 'bob'
  await clock.advance(100)
  await settle()
  expect(client.recovered()).toEqual([undefined, false])
  expect(client.down).toEqual([])
  expect(await call).toMatchObject({ code: 'SESSION_LOST', outcome: 'not_sent' })
  expect(server.ran).toEqual([1])
  const bob = [...server.node.sessions.values()].find(({ identity }) => identity === 'bob')!
  expect(bob.id).not.toBe(ada.id)
  expect(ada.isEnded, "ada's waits for ada").toBe(false)
})

test('10: a passing failure of authenticate leaves the session and its secret as they were', async () => {
  let isDown = false
  const { client, server, network, pass } = createPair({
    authenticate: () => {
      if (isDown) throw new Error('the database is down')
      return { identity: 'ada' }
    },
  })
  client.up(1)
  await settle()
  const { id, secret } = server.session()
  isDown = true
  network.last.cut()
  await pass(200)
  expect(network.links.length).toBeGreaterThan(2)
  isDown = false
  client.up(2)
  await pass(200)
  expect([server.session().id, server.session().secret]).toEqual([id, secret])
  expect(server.ran).toEqual([1, 2])
  expect(client.recovered()).toEqual([undefined, true])
})

const closeCodeIn = (batch: string): number => {
  const [[kind, code]] = JSON.parse(batch) as [[number, number]]
  return kind === frames.close.kind ? code : -kind
}
