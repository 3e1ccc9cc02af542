import { type Client, type ClientOptionsOf, createClient } from '@typewire/client'
import type { AnyContract } from '@typewire/core'
import { connectRawPeer, createFakeClock, type FakeClock, type RawPeer } from '@typewire/testkit'
import { onTestFinished } from 'vitest'

export interface StartedClient<C extends AnyContract> {
  readonly client: Client<C>
  readonly clock: FakeClock
  /** What its `onError` got. */
  readonly errors: unknown[]
}

/** A client by WebSocket whose time stands still; closed when the test is over. */
export function startClient<C extends AnyContract>(
  url: string,
  options: Partial<ClientOptionsOf<C>> = {},
): StartedClient<C> {
  const clock = createFakeClock()
  const errors: unknown[] = []
  const client = createClient<C>({
    url,
    clock,
    reconnect: { random: () => 0 },
    transports: ['websocket'],
    onError: (error: unknown) => void errors.push(error),
    ...options,
  } as unknown as ClientOptionsOf<C>)
  onTestFinished(() => client.close())
  return { client, clock, errors }
}

/** A client by hand, welcomed; cut when the test is over. */
export async function welcomedPeer(url: string, hello?: object): Promise<RawPeer> {
  const peer = await connectRawPeer(`${url}/typewire`)
  onTestFinished(() => peer.cut())
  await peer.hello({ ...hello })
  return peer
}
