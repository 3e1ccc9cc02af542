// The interleavings that HTTP has of its own, and two that a proxy makes, by number, over real sockets with a frame fault
// link between a real client and a real server. `interleavings.test.ts` says which are where.

import { closeCodes } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import type { ChooseFault, Fault, Passing } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { eventually, settled } from '../support/eventually.ts'
import { body, framesOf, poll, sender } from '../transports/http-peer.ts'
import { connectOverLink, type OverLink } from './over-link.ts'

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i)
const named = (name: string, from: number, to: number) => numbers(from, to).map((n) => `${name} ${n}`)

/** Does one thing to the first that fits from when it is armed on, and passes the rest. */
function once(fits: (passing: Passing) => boolean, fault: Fault) {
  let state: 'waits' | 'armed' | 'done' = 'waits'
  const choose: ChooseFault = (passing) => {
    if (state !== 'armed' || !fits(passing)) return 'pass'
    state = 'done'
    return fault
  }
  return { choose, arm: () => void (state = 'armed'), isDone: () => state === 'done' }
}

/** A place where things wait until it is opened. */
function gate() {
  let open!: () => void
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { open, pass: async (): Promise<Fault> => (await opened, 'pass') }
}

const carries = (name: string, passing: Passing) => passing.frames.some((frame) => frame[2] === name)
const isUp = (passing: Passing, kind: Passing['kind']) => passing.kind === kind && passing.route === 'up'
const isPoll = (passing: Passing, kind: Passing['kind']) => passing.kind === kind && passing.route === 'poll'
const transportOf = ({ opened }: OverLink) => opened.at(-1)?.transport

test.each(['http-stream', 'http-poll'] as const)(
  '12: an up POST was processed, its response lost, and the client repeats it on %s (HT-4)',
  async (transport) => {
    const lost = once((passing) => isUp(passing, 'response'), 'cut before')
    const over = await connectOverLink({ choose: lost.choose, transports: [transport] })
    lost.arm()
    over.client.emit.up(1)
    expect(await over.client.call.add(1)).toBe(2)
    await eventually(lost.isDone, 'the response is lost')
    over.client.emit.up(2)
    expect(await over.client.emitWithAck.ask(3)).toBe(6)
    expect(over.up).toEqual(['up 1', 'add 1', 'up 2', 'ask 3'])
    expect(over.opened, 'the connection stays').toHaveLength(1)
    await over.end()
  },
)

test.each([
  ['at once', 'repeat'],
  ['behind the next one', 'repeat late'],
] as const)('12: an up POST was processed, and the proxy repeats it %s (HT-4)', async (_, fault) => {
  const repeated = once((passing) => isUp(passing, 'request') && carries('up', passing), fault)
  const over = await connectOverLink({ choose: repeated.choose, transports: ['http-stream'] })
  repeated.arm()
  for (const n of numbers(1, 4)) {
    over.client.emit.up(n)
    expect(await over.client.call.add(n)).toBe(n + 1)
  }
  expect(repeated.isDone()).toBe(true)
  expect(over.up).toEqual(numbers(1, 4).flatMap((n) => [`up ${n}`, `add ${n}`]))
  expect(over.opened).toHaveLength(1)
  await over.end()
})

test('12: uncounted frames in a repeated POST take effect once, too (HT-4)', async () => {
  const repeated = once((passing) => isUp(passing, 'request') && passing.frames[0]?.[0] === 4, 'repeat')
  const over = await connectOverLink({ choose: repeated.choose, transports: ['websocket'] })
  repeated.arm()
  const send = sender(fetch, `${over.url}/typewire`)
  const { token } = await poll(send)
  await send('/up', { token, number: 1, body: body([[4, 0, 0]]) })
  expect(repeated.isDone()).toBe(true)
  const pongs = (await framesOf(await send('/poll', { token, number: 1 }))).filter(([kind]) => kind === 5)
  expect(pongs).toEqual([[5, 0, 0]])
  await send('/up', { token, number: 2, body: body([[3, 1000, 'done', 0]]) })
  await over.end()
})

test.each(['cut before', 'cut within'] as const)(
  '13: a poll’s response is lost (%s), and the next one gets the same again (HT-5)',
  async (fault) => {
    const lost = once((passing) => isPoll(passing, 'response') && passing.frames.length > 0, fault)
    const over = await connectOverLink({ choose: lost.choose, transports: ['http-poll'] })
    lost.arm()
    for (const n of numbers(1, 20)) over.session.emit.down(n)
    await eventually(lost.isDone, 'the response is lost')
    for (const n of numbers(21, 40)) over.session.emit.down(n)
    await eventually(() => over.down.length >= 40, 'all has come')
    expect(await over.session.emitWithAck.question(1)).toBe(3)
    expect(over.down).toEqual([...named('down', 1, 40), 'question 1'])
    expect(over.opened, 'the connection stays').toHaveLength(1)
    await over.end()
  },
)

test.each(['repeat', 'repeat late'] as const)(
  '13: a poll that a proxy makes twice (%s) costs nothing',
  async (fault) => {
    const repeated = once((passing) => isPoll(passing, 'request'), fault)
    const over = await connectOverLink({ choose: repeated.choose, transports: ['http-poll'] })
    repeated.arm()
    for (const n of numbers(1, 10)) {
      over.session.emit.down(n)
      expect(await over.session.emitWithAck.question(n)).toBe(n * 3)
    }
    expect(repeated.isDone()).toBe(true)
    expect(over.down).toEqual(numbers(1, 10).flatMap((n) => [`down ${n}`, `question ${n}`]))
    await over.end()
  },
)

test('2: a hello on WebSocket that a proxy lets through after HTTP was welcomed changes nothing (RS-4)', async () => {
  const [late, farewell] = [gate(), gate()]
  let isHanging = false
  let answered: readonly unknown[] | undefined
  const over = await connectOverLink({
    upgradeDelayMs: 600_000,
    choose: ({ kind, route, direction, frames: said }) => {
      if (route !== 'websocket' || !isHanging || kind !== 'message') return 'pass'
      if (direction === 'down') answered ??= said[0]
      if (direction === 'down') return 'pass'
      if (said.length === 0) return farewell.pass() // its client gives it up
      return said[0]?.[0] === frames.hello.kind ? late.pass() : 'cut before' // the old one
    },
  })
  expect(transportOf(over)).toBe('websocket')
  isHanging = true
  over.client.emit.up(1)
  await eventually(() => transportOf(over) === 'http-stream', 'HTTP is welcomed')
  const welcomed = over.opened.length
  late.open()
  for (const n of numbers(2, 20)) {
    over.client.emit.up(n)
    over.session.emit.down(n)
  }
  expect(await over.client.call.add(1)).toBe(2)
  await eventually(() => over.down.length >= 19, 'all has come')
  expect(over.up).toEqual([...named('up', 1, 20), 'add 1'])
  expect(over.down).toEqual(named('down', 2, 20))
  await eventually(() => answered !== undefined, 'the late hello is answered')
  farewell.open()
  expect(answered?.slice(0, 2)).toEqual([frames.close.kind, closeCodes.STALE.code])
  expect(over.opened).toHaveLength(welcomed)
  await over.end()
})

test('6: a switch from long-poll to WebSocket in the middle of bursts, with a late POST and a late response (SQ-3, RS-7)', async () => {
  const [hello, post, answer] = [gate(), gate(), gate()]
  let way: 'poll' | 'both' | 'late' = 'poll'
  let asked = 0
  const held = { post: 0, answer: 0 }
  const over = await connectOverLink({
    upgradeDelayMs: 2_000,
    choose: ({ kind, route, direction, frames: said }) => {
      if (way === 'poll') return route === 'poll' || route === 'up' ? 'pass' : 'refuse'
      if (route === 'stream') return 'refuse'
      if (kind === 'message' && direction === 'up' && asked++ === 0) return hello.pass()
      if (way !== 'late' || said.length === 0) return 'pass'
      if (kind === 'request' && route === 'up') return (held.post++, post.pass())
      if (kind === 'response' && route === 'poll') return (held.answer++, answer.pass())
      return 'pass'
    },
  })
  expect(transportOf(over)).toBe('http-poll')
  let n = 0
  const burst = () => {
    for (let left = 20; left > 0; left--) {
      over.client.emit.up(++n)
      over.session.emit.down(n)
    }
  }
  burst()
  way = 'both'
  await eventually(() => asked > 0, 'the hello on WebSocket is on its way')
  burst()
  await over.client.call.add(0)
  way = 'late'
  burst()
  await eventually(() => held.post > 0 && held.answer > 0, 'a POST and a response are on their way')
  hello.open() // it says what was received before them
  await eventually(() => transportOf(over) === 'websocket', 'WebSocket takes over')
  burst()
  post.open()
  answer.open()
  burst()
  expect(await over.client.call.add(1)).toBe(2)
  expect(await over.session.emitWithAck.question(1)).toBe(3)
  expect(over.up.filter((what) => what.startsWith('up'))).toEqual(named('up', 1, n))
  expect(over.down).toEqual([...named('down', 1, n), 'question 1'])
  await over.end()
})

test.each(['http-stream', 'http-poll'] as const)(
  'a POST that is never answered costs the connection, and not what was said, on %s (HT-4)',
  async (transport) => {
    const silent = once((passing) => isUp(passing, 'request'), 'silence')
    // Heartbeats would notice it too, by chance.
    const over = await connectOverLink({ choose: silent.choose, transports: [transport], hasHeartbeats: false })
    silent.arm()
    over.client.emit.up(1)
    const answer = await settled(over.client.call.add(1), 'the call')
    expect(answer).toEqual({ status: 'fulfilled', value: 2 })
    expect(silent.isDone()).toBe(true)
    expect(over.up).toEqual(['up 1', 'add 1'])
    await over.end()
  },
)

test('a stream that was held back is tried again where there is no other transport (HT-6)', async () => {
  const buffered = once(({ kind, route }) => kind === 'message' && route === 'stream', 'buffer')
  const over = await connectOverLink({ choose: buffered.choose, transports: ['http-stream'] })
  buffered.arm()
  expect(await over.client.call.add(1)).toBe(2)
  expect(buffered.isDone()).toBe(true)
  expect(over.opened.length).toBeGreaterThan(1)
  expect(over.up).toEqual(['add 1'])
  await over.end()
})
