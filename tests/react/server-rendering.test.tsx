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
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { runInThisContext } from 'node:vm'
import { Suspense, version } from 'react'
import { renderToPipeableStream, renderToString } from 'react-dom/server'
import { expect, onTestFinished, test, vi } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { render, startStage, untilShown } from './stage.tsx'

failOnUnhandledRejections()

/** Does with a chunk of a page what a parser does: its scripts run, in the global scope, once the rest is there. Gives the rest. */
function runScripts(chunk: string, show = (_: string): unknown => undefined): string {
  const scripts: string[] = []
  const markup = chunk.replaceAll(/<script[^>]*>([^]*?)<\/script>/g, (_, script: string) => (scripts.push(script), ''))
  show(markup)
  for (const script of scripts) runInThisContext(script)
  return markup
}

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

test('a page that is streamed is live before a boundary of it has come, which is hydrated without a warning', async () => {
  const { client, say, joins, members, sockets } = await startStage()
  const [atServer, inBrowser] = [client(), client()]
  let isKnown = false
  let know = () => {}
  const known = new Promise<void>((resolve) => (know = resolve)).then(() => void (isKnown = true))
  function Said({ app }: { readonly app: typeof atServer }) {
    const { data, status } = useSubscription(
      app.join.chat,
      { id: 'a' },
      { initial: 0, reduce: { message: (n) => n + 1 } },
    )
    return (
      <b>
        {status} {data} {usePresence(app.join.chat, { id: 'a' }).count}
      </b>
    )
  }
  function Late({ app }: { readonly app: typeof atServer }) {
    if (app === atServer && !isKnown) throw known
    return <Said app={app} />
  }
  const page = (app: typeof atServer) => (
    <main>
      <Said app={app} />
      <Suspense fallback="waiting">
        <Late app={app} />
      </Suspense>
    </main>
  )
  const stream = new PassThrough({ encoding: 'utf8' })
  await new Promise<void>((resolve, reject) => {
    const { pipe } = renderToPipeableStream(page(atServer), {
      onShellReady: () => {
        pipe(stream)
        resolve()
      },
      onError: reject,
    })
  })
  const [first] = (await once(stream, 'data')) as [string]
  const html = runScripts(first)
  expect(html).toContain('waiting')
  expect(sockets.size).toBe(0)

  // As long as more comes.
  Object.defineProperty(document, 'readyState', { value: 'loading', configurable: true })
  onTestFinished(() => void Reflect.deleteProperty(document, 'readyState'))
  const errors = vi.spyOn(console, 'error')
  const warnings = vi.spyOn(console, 'warn')
  const shown = await render(page(inBrowser), { html, isStrict: false })
  await untilShown(shown, 'joined 0 1waiting')
  say('a', 'x')
  await untilShown(shown, 'joined 1 1waiting')

  know()
  const rest = await text(stream)
  const late = document.createElement('div')
  document.body.append(late)
  onTestFinished(() => late.remove())
  runScripts(rest, (markup) => (late.innerHTML = markup))
  await untilShown(shown, 'joined 1 1joined 0 1')
  say('a', 'y')
  await untilShown(shown, 'joined 2 1joined 1 1')
  expect(errors.mock.calls).toEqual([])
  expect(warnings.mock.calls).toEqual([])
  expect(joins).toEqual(['a'])
  expect(await members('a')).toBe(1)
  expect(atServer.status.current.state).toBe('idle')
})

test('the version of React is the one that is meant', () => {
  expect(version).toMatch(new RegExp(`^${process.env['EXPECTED_REACT'] ?? '19'}\\.`))
})
