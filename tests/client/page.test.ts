// What a page's life means to its client, by the events that browsers send (https://web.dev/articles/bfcache).

import { createClient, type TransportName } from '@typewire/client'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { Lab } from '../support/contract.ts'
import { eventually, quiet } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

// As in pages, by `fetch`.
vi.mock(
  '../../packages/client/src/transports/http-post-node.ts',
  () => import('../../packages/client/src/transports/http-post-browser.ts'),
)

// This process is a page, as far as clients can tell. It stays one until the last of them is closed.
const page = new EventTarget()
vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page))
vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))

const send = (type: string, persisted: boolean) => page.dispatchEvent(Object.assign(new Event(type), { persisted }))

async function visit(transport: TransportName) {
  const lab = await startLab({ server: { resume: { windowMs: 60_000 } } })
  const client = createClient<Lab>({ url: lab.url, transports: [transport] })
  onTestFinished(() => client.close())
  await client.connect()
  expect([...lab.server.sessions]).toHaveLength(1)
  return { lab, client }
}

const transports: TransportName[] = ['websocket', 'http-stream', 'http-poll']

test.each(transports)('CL-8: a page that is left for good leaves no session behind, by %s', async (transport) => {
  const fetching = vi.spyOn(globalThis, 'fetch')
  const { lab, client } = await visit(transport)
  fetching.mockClear()
  send('pagehide', false)
  expect(client.status.current.state).toBe('waiting') // nothing that a page would act on in its last moment
  // Asked at once, for the page is gone in a moment; and to go on without it.
  expect(fetching.mock.calls.map(([url, init]) => [new URL(url as string).pathname, init?.keepalive])).toEqual(
    transport === 'websocket' ? [] : [['/typewire/up', true]],
  )
  await eventually(() => [...lab.server.sessions].length === 0, 'the session ends')
  fetching.mockRestore()
})

test.each(transports)('a page that was not left after all goes on in another session, by %s', async (transport) => {
  const { lab, client } = await visit(transport)
  send('pagehide', false)
  await eventually(() => [...lab.server.sessions].length === 0, 'the session ends')
  send('pageshow', true)
  expect(await client.call.echo('back')).toBe('back')
  expect(client.status.current).toMatchObject({ state: 'open', recovered: false })
})

test.each(transports)('a page that is put aside finds its session again, by %s', async (transport) => {
  const { lab, client } = await visit(transport)
  const [before] = [...lab.server.sessions]
  send('pagehide', true)
  expect(client.status.current.state).toBe('waiting')
  await quiet()
  expect([...lab.server.sessions]).toEqual([before])
  send('pageshow', true)
  await eventually(() => client.status.current.state === 'open', 'the client is back')
  expect(client.status.current).toMatchObject({ sessionId: before!.id, recovered: true })
})

test.each(['online', 'offline'])(
  'HB-2: a page that is told that it is %s asks whether its link still lives',
  async (type) => {
    const lab = await startLab({ server: { heartbeat: { intervalMs: 10_000, timeoutMs: 10_000 } } })
    const client = lab.client({ transports: ['websocket'] })
    await client.connect()
    for (const socket of lab.sockets) socket.pause()
    send(type, false)
    await client.clock.advance(5_100)
    expect(client.status.current.state).not.toBe('open')
  },
)
