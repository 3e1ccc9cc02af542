import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createClient } from '@typewire/client'
import { createServer } from '@typewire/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type Lab, lab as contract } from '../support/contract.ts'
import { allTransports } from './setups.ts'

/** A server at a path of its own, and the URLs of all that it is asked. */
async function start() {
  const httpServer = createHttpServer()
  const ready = createServer(contract, { path: '/rt' }).implement({
    procedures: {
      echo: ({ input }) => input,
      carry: ({ input }) => input,
      work: ({ input }) => ({ doubled: input.n * 2 }),
      lines: ({ input }) => input.length,
      brief: () => {},
    },
    events: { note: () => {}, save: ({ payload }) => ({ saved: payload.n }) },
    rooms: { hall: { authorize: () => true, events: { say: () => {}, vote: () => ({ count: 1 }) } } },
  })
  ready.attach(httpServer)
  const emit = vi.spyOn(httpServer, 'emit')
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    await ready.close({ drainMs: 0 })
    httpServer.close().closeAllConnections()
  })
  const urls = () =>
    (emit.mock.calls as unknown[][])
      .filter(([event]) => event === 'request' || event === 'upgrade')
      .map(([, request]) => (request as IncomingMessage).url)
  return { urls, origin: `http://127.0.0.1:${(httpServer.address() as AddressInfo).port}` }
}

test.each(allTransports)('%s leaves the query of the URL as it is, behind the path (HT-1)', async (transport) => {
  const { urls, origin } = await start()
  const client = createClient<Lab>({ url: `${origin}/rt?tenant=a/b&x=%3F`, transports: [transport] })
  expect(await client.call.echo('hi')).toBe('hi')
  await client.close()
  const paths = { websocket: [''], 'http-stream': ['/stream', '/up'], 'http-poll': ['/poll', '/up'] }[transport]
  expect(new Set(urls())).toEqual(new Set(paths.map((path) => `/rt${path}?tenant=a/b&x=%3F`)))
})
