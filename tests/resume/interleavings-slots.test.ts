// The interleavings 16, 19 and 25, as far as they are about what sessions do whatever is built on them.

import { frames } from '@typewire/core/internal'
import { createFakeClock, MemoryNetwork } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { createPair, createTestClient, createTestServer, dialByHand, pass, settle, welcomeOf } from './peers.ts'

test('16: every place for a call is taken by handlers that wait for their client: reads never pause (LM-2)', async () => {
  let asked = 0
  const pair = createPair({
    maxCalls: 64,
    add: async ({ input, session }) => {
      asked++
      return session.emitWithAck.ask(input)
    },
  })
  const { client, server, network } = pair
  // More than there are places: each that runs needs an answer to be read before it can end, also across a resume.
  const answers = Promise.all(Array.from({ length: 200 }, (_, n) => client.add(n)))
  await settle()
  network.last.cut()
  await pair.pass(1_000)
  expect(await answers).toEqual(Array.from({ length: 200 }, (_, n) => n))
  expect(asked).toBe(200)
  expect(server.session().replies.size).toBe(0)
})

test('19: what is counted is neither lost nor doubled by a drop, also of a kind that carries credits (SQ-1, FR-2)', async () => {
  const clock = createFakeClock()
  const server = createTestServer({ clock })
  const network = new MemoryNetwork({ clock, accept: (link, open) => server.accept(link, open) })
  const first = await dialByHand(network)
  const credit = (n: number) => [frames.credit.kind, 1, n, 0, 1_000]
  first.say([frames.call.kind, 1, 'add', 0, 1], credit(16), credit(32))
  await settle()
  const { wire } = server.session()
  expect(wire.received).toBe(3)
  first.link.cut()
  const { session, resume } = welcomeOf(first)
  const second = await dialByHand(network, { attempt: 2, resume: { session, secret: resume.secret, received: 0 } })
  expect(welcomeOf(second).received).toBe(3) // the client goes on with the fourth, and says none of the three again
  second.say(credit(48), [frames.call.kind, 2, 'add', 0, 1])
  await settle()
  expect(wire.received).toBe(5)
  expect(second.heard.at(-1)).toEqual([frames.result.kind, 2, 2])
})

test('25: two clients of one identity use the same ids, and each gets its own answers', async () => {
  const clock = createFakeClock()
  const server = createTestServer({ clock, add: ({ input, session }) => session.emitWithAck.ask(input) })
  const network = new MemoryNetwork({ clock, accept: (link, open) => server.accept(link, open) })
  const tabs = [createTestClient({ clock, network }), createTestClient({ clock, network })] as const
  const answers = tabs.map((tab, index) => Promise.all([1, 2, 3, 4, 5].map((n) => tab.add(n * 10 + index))))
  await settle()
  for (const link of network.links) link.cut()
  await pass(clock, 1_000)
  expect(await Promise.all(answers)).toEqual([
    [10, 20, 30, 40, 50],
    [11, 21, 31, 41, 51],
  ])
  expect(server.node.sessions.size).toBe(2)
})
