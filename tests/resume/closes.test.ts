import type { RawPeer } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { type RunningLab, startLab } from '../support/lab.ts'

// Which ends of a connection a session outlives, and how they look on the wire.

/** Welcomes a peer to a new session, and gives what a hello needs to come back to it. */
async function begin(lab: RunningLab): Promise<{ readonly peer: RawPeer; readonly resume: object }> {
  const peer = await lab.peer()
  const welcome = await peer.hello({ attempt: 1 })
  const { secret } = welcome['resume'] as { readonly secret: string }
  return { peer, resume: { session: welcome['session'], secret, received: 0 } }
}

describe('a session goes on', () => {
  test('where a close answers the hello that asks for it (RS-9)', async () => {
    let isBroken = false
    const authenticate = () => {
      if (isBroken) throw new Error('The database is away.')
      return { identity: 'ada' }
    }
    const lab = await startLab({ server: { resume: {}, authenticate } })
    const { peer, resume } = await begin(lab)
    peer.cut()

    isBroken = true
    const refused = await lab.peer()
    refused.send([0, { versions: [1, 1], attempt: 2, instance: 'test', window: 4_194_304, resume }])
    expect(await refused.read()).toEqual([3, 4500, expect.stringContaining('HS-5'), {}])

    isBroken = false
    const again = await lab.peer()
    expect(await again.hello({ attempt: 3, resume })).toMatchObject({ session: lab.session().id })
  })

  test('where its client is silent: the WebSocket is closed without a close frame (HB-2, CL-1)', async () => {
    const lab = await startLab({ server: { resume: {}, heartbeat: { intervalMs: 1_000, timeoutMs: 1_000 } } })
    const { peer, resume } = await begin(lab)
    await lab.clock.advance(1_000)
    expect(await peer.read()).toEqual([4, 0, 0])
    await lab.clock.advance(1_000)
    expect(await peer.closed()).toMatchObject({ code: 4410 })
    expect(peer.unread).toEqual([])
    const again = await lab.peer()
    expect(await again.hello({ attempt: 2, resume })).toMatchObject({ session: lab.session().id })
  })

  test('where another connection has it: the older one is closed without a close frame (RS-7, CL-1)', async () => {
    const lab = await startLab({ server: { resume: {} } })
    const { peer, resume } = await begin(lab)
    const newer = await lab.peer()
    expect(await newer.hello({ attempt: 2, resume })).toMatchObject({ session: lab.session().id })
    expect(await peer.closed()).toMatchObject({ code: 4409 })
    expect(peer.unread).toEqual([])
  })
})

test('after gone, a hello for a new session may have the same attempt (HS-8)', async () => {
  const lab = await startLab({ server: { resume: {} } })
  const { resume } = await begin(lab)
  const other = await lab.peer()
  other.send([
    0,
    { versions: [1, 1], attempt: 2, instance: 'test', window: 4_194_304, resume: { ...resume, secret: 'no' } },
  ])
  expect(await other.read()).toEqual([2, null])
  expect(await other.hello({ attempt: 2 })).toMatchObject({ received: 0, from: 0 })
})
