// What a session is asked, and whether it was asked when its time is over.

import { defineContract, event, type Named } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { welcomedPeer } from '../support/clients.ts'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

/** Answers when it is let. */
function heldSchema() {
  const held: (() => void)[] = []
  const schema = z.string().refine(() => new Promise<boolean>((resolve) => held.push(() => resolve(true))))
  return { schema, held, release: () => held.splice(0).forEach((go) => go()) }
}

async function start() {
  const sent = heldSchema()
  const acked = heldSchema()
  const contract = defineContract({
    events: {
      toClient: {
        ask: event(z.string(), { ack: z.string() }),
        slow: event(sent.schema, { ack: z.string() }),
        read: event(z.string(), { ack: acked.schema }),
        note: event(z.string()),
      },
    },
  })
  interface Asking extends Named<typeof contract> {}
  const clock = createFakeClock()
  const server = createServer(contract as Asking, { clock, heartbeat: false })
  const { url } = await serve(server.implement({}), clock)
  const peer = await welcomedPeer(url, { resume: undefined })
  const session = [...server.sessions][0]!
  return { clock, peer, session, sent, acked }
}

test('a client that is away and does not come back in time was not asked (CA-6)', async () => {
  const { clock, peer, session } = await start()
  peer.cut()
  await eventually(() => session.transport === undefined, 'it is away')
  const ack = settled(session.emitWithAck.ask('?', { timeoutMs: 5_000 }), 'the ack')
  const usual = settled(session.emitWithAck.ask('?'), 'the other')
  await clock.advance(5_008)
  expect(await ack).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent', origin: 'ask' } })
  await clock.advance(25_000)
  expect(await usual).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent' } })
})

test('a client that does not answer may have been asked', async () => {
  const { clock, peer, session } = await start()
  const ack = settled(session.emitWithAck.ask('?', { timeoutMs: 5_000 }), 'the ack')
  expect(await peer.read()).toEqual([frames.event.kind, expect.any(Number), 'ask', 0, '?'])
  await clock.advance(5_008)
  expect(await ack).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
  expect((await peer.read())[0]).toBe(frames.cancel.kind)
})

test('what waits for its schema is not sent when its time is over, or its caller gives up', async () => {
  const { clock, peer, session, sent } = await start()
  const controller = new AbortController()
  const late = settled(session.emitWithAck.slow('late', { timeoutMs: 5_000 }), 'the ack')
  const left = settled(session.emitWithAck.slow('left', { signal: controller.signal }), 'the other')
  await eventually(() => sent.held.length >= 2, 'the schemas run')
  controller.abort()
  await clock.advance(5_008)
  expect(await late).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'not_sent', origin: 'slow' } })
  expect(await left).toMatchObject({ reason: { code: 'ABORTED', origin: 'slow' } })
  sent.release()
  await quiet()
  session.emit.note('behind')
  expect(await peer.read()).toEqual([frames.event.kind, 0, 'note', 0, 'behind'])
})

test('one whose caller has given up before is not sent', async () => {
  const { peer, session } = await start()
  const none = settled(session.emitWithAck.ask('?', { signal: AbortSignal.abort() }), 'the ack')
  expect(await none).toMatchObject({ reason: { code: 'ABORTED' } })
  session.emit.note('behind')
  expect(await peer.read()).toEqual([frames.event.kind, 0, 'note', 0, 'behind'])
})

test('the time limit counts from when it was asked, whatever it waits for first', async () => {
  const { clock, peer, session, sent } = await start()
  const ack = settled(session.emitWithAck.slow('?', { timeoutMs: 5_000 }), 'the ack')
  await eventually(() => sent.held.length >= 1, 'the schema runs')
  await clock.advance(4_000)
  sent.release()
  await peer.read()
  await clock.advance(1_008)
  expect(await ack).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
})

test('an ack whose schema does not answer in time is too late', async () => {
  const { clock, peer, session, acked } = await start()
  const ack = settled(session.emitWithAck.read('?', { timeoutMs: 5_000 }), 'the ack')
  const [, id] = await peer.read()
  peer.send([frames.result.kind, id, 'yes'])
  await eventually(() => acked.held.length >= 1, 'the schema runs')
  await clock.advance(5_008)
  expect(await ack).toMatchObject({ reason: { code: 'TIMED_OUT', outcome: 'unknown' } })
})

test.each(['5', NaN, 0, -1])('a time limit of %j is none', async (timeoutMs) => {
  const { session } = await start()
  const ack = await settled(session.emitWithAck.ask('?', { timeoutMs: timeoutMs as number }), 'the ack')
  expect(ack).toMatchObject({ reason: { name: 'RangeError', message: expect.stringContaining('ask: timeoutMs is') } })
})
