import { frames } from '@typewire/core/internal'
import type { RawFrame, RawPeer } from '@typewire/testkit'
import { expect } from 'vitest'
import { type RunningServer, stage, welcomedPeer } from './stage.ts'

const { call, result, error } = frames

/** Asks by hand and gives the answer, whatever has come before it. Ids must rise. */
export async function ask(peer: RawPeer, id: number, name: string, ...payload: unknown[]): Promise<RawFrame> {
  peer.send([call.kind, id, name, 0, ...payload])
  for (;;) {
    const frame = await peer.read()
    if ((frame[0] === result.kind || frame[0] === error.kind) && frame[1] === id) return frame
  }
}

/** What a frame begins with: what is behind it is another test's. */
export function expectHead(frame: RawFrame, head: readonly unknown[]): void {
  expect(frame.slice(0, head.length)).toEqual(head)
}

export const open = (peer: RawPeer, id: number, code = 'root', namespace = 'admin') =>
  ask(peer, id, '$open', { namespace, auth: { code } })

export async function start(
  options?: Parameters<typeof stage>[0],
): Promise<RunningServer & { readonly peer: RawPeer }> {
  const running = await stage(options)
  return { ...running, peer: await welcomedPeer(running.url) }
}
