// @vitest-environment happy-dom
// Rendering on a server, and taking the page over in the browser.

import {
  skip,
  useCall,
  useConnection,
  useEvents,
  usePresence,
  useRoom,
  useStream,
  useSubscription,
} from '@typewire/react'
import { version } from 'react'
import { renderToString } from 'react-dom/server'
import { expect, test, vi } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { render, startStage, untilShown } from './stage.tsx'

failOnUnhandledRejections()

test('a page is rendered without a connection, and hydrated without a warning', async () => {
  const { client, say, server, sockets } = await startStage()
  const [atServer, inBrowser] = [client(), client()]
  function Page({ app }: { app: typeof atServer }) {
    const { data, status, room } = useSubscription(
      app.join.chat,
      { id: 'a' },
      { initial: 0, reduce: { message: (n) => n + 1 } },
    )
    const other = useRoom(app.join.chat, { id: 'b' })
    const waiting = useRoom(app.join.chat, skip)
    const { count } = usePresence(room)
    const { length } = useEvents(other.on.message)
    const { items } = useStream(app.stream.count, { to: 3 })
    const { pending } = useCall(app.call.send)
    const { state } = useConnection(app)
    usePresence(waiting)
    return (
      <p>
        {status} {data} {count} {length} {items.join()} {String(pending)} {state}
      </p>
    )
  }
  const html = renderToString(<Page app={atServer} />)
  expect(html.replaceAll('<!-- -->', '')).toBe('<p>joining 0 0 0  false idle</p>')
  expect(sockets.size).toBe(0)
  expect(atServer.status.current.state).toBe('idle')

  // In the browser the client is connected already, and the room is joined by somebody else.
  await inBrowser.connect()
  await inBrowser.join.chat({ id: 'a' }).ready
  const errors = vi.spyOn(console, 'error')
  const warnings = vi.spyOn(console, 'warn')
  const page = await render(<Page app={inBrowser} />, { html })
  await untilShown(page, 'joined 0 1 0 1,2,3 false open')
  say('a', 'x')
  say('b', 'y')
  await untilShown(page, 'joined 1 1 1 1,2,3 false open')
  expect(errors.mock.calls).toEqual([])
  expect(warnings.mock.calls).toEqual([])
  expect([...server.sessions]).toHaveLength(1)
})

test('the version of React is the one that is meant', () => {
  expect(version).toMatch(new RegExp(`^${process.env['EXPECTED_REACT'] ?? '19'}\\.`))
})
