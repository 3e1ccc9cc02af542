import type { ClientStatus } from '@typewire/client'
import { createRawServer, type RawServer } from '@typewire/testkit'
import { onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type TestClient, testClient } from '../support/lab.ts'

type Options = Partial<Parameters<typeof testClient>[0]>

/** A server that speaks by hand, and clients of it. All is closed when the test is over. */
export async function rawServer(): Promise<RawServer & { readonly client: (options?: Options) => TestClient }> {
  const server = await createRawServer()
  const clients: TestClient[] = []
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()))
    await server.close()
  })
  return {
    ...server,
    client(options) {
      // By hand it speaks WebSocket.
      const client = testClient({ url: server.url, transports: ['websocket'], ...options })
      clients.push(client)
      return client
    },
  }
}

/** Waits for a state of a client. */
export const is = (client: TestClient, state: ClientStatus['state']) =>
  eventually(() => client.status.current.state === state, `the client is ${state}`)

/** Lets the client make its next attempt. */
export async function nextAttempt(client: TestClient): Promise<void> {
  await is(client, 'waiting')
  for (let ms = 0; client.status.current.state === 'waiting' && ms < 60_000; ms++) await client.clock.advance(1)
}
