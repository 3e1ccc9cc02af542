import { closeCodes, type CloseName } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import type { RawFrame, RawPeer } from '@typewire/testkit'
import { expect } from 'vitest'
import { type LabOptions, type RunningLab, startLab, type TestClient } from '../support/lab.ts'

export interface Beside {
  readonly lab: RunningLab
  readonly healthy: TestClient
  /** A hostile connection, welcomed. */
  readonly welcomed: () => Promise<RawPeer>
}

const prototypes = [Object.prototype, Array.prototype, Function.prototype] as const

/**
 * Runs something hostile beside a healthy client of the same server, and asserts that the healthy one has noticed
 * nothing and that no prototype was touched.
 */
export async function besideHealthy(run: (beside: Beside) => Promise<void>, options?: LabOptions): Promise<void> {
  const before = prototypes.map((prototype) => Reflect.ownKeys(prototype))
  const lab = await startLab(options)
  const healthy = lab.client()
  expect(await healthy.call.echo('before')).toBe('before')
  const sessionId = lab.session().id

  await run({
    lab,
    healthy,
    async welcomed() {
      const peer = await lab.peer()
      await peer.hello()
      return peer
    },
  })

  expect(await healthy.call.echo('after')).toBe('after')
  expect(healthy.status.current).toMatchObject({ state: 'open', sessionId })
  expect(prototypes.map((prototype) => Reflect.ownKeys(prototype))).toEqual(before)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
}

/** The next frame that is no acknowledgement: a long message is acknowledged at once (SQ-4). */
export async function answerOf(peer: RawPeer): Promise<RawFrame> {
  for (;;) {
    const frame = await peer.read()
    if (frame[0] !== frames.ack.kind) return frame
  }
}

/** How the connection ended: what the last frame said, and how the WebSocket was closed. */
export async function endOf(peer: RawPeer): Promise<unknown> {
  const { code, reason } = await peer.closed()
  return { code, reason, frame: peer.unread.at(-1)?.slice(0, 3) }
}

/** For `toEqual`: the close frame and the WebSocket's close say the same, with this code and clause (CL-1). */
export function closedBy(name: CloseName, clause: string): unknown {
  const { code } = closeCodes[name]
  const reason: unknown = expect.stringMatching(new RegExp(`^${clause}: .{1,${121 - clause.length}}$`))
  return { code, reason, frame: [frames.close.kind, code, reason] }
}

/** Calls `echo`: the connection is as it was if the answer is `alive`. Frames before the answer are dropped. */
export async function echo(peer: RawPeer, id: number): Promise<unknown> {
  peer.send([frames.call.kind, id, 'echo', 0, 'alive'])
  for (;;) {
    const [kind, answered, payload] = await answerOf(peer)
    if (kind === frames.result.kind && answered === id) return payload
  }
}

/** Asks for a pong, which says how many counted frames the server has received. */
export async function receivedBy(peer: RawPeer): Promise<unknown> {
  peer.send([frames.ping.kind, 0, 0])
  const pong: RawFrame = await peer.readKind(frames.pong.kind)
  return pong[2]
}
