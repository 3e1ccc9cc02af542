import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createClient } from '@typewire/client'
import { createServer } from '@typewire/server'
import { act, type ReactNode, StrictMode } from 'react'
import { createRoot, hydrateRoot } from 'react-dom/client'
import { onTestFinished } from 'vitest'
import { chat, type Chat } from './contract.ts'

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })

export interface StageOptions {
  /** Whether a room may be joined. Default: yes. */
  readonly mayJoin?: (room: string) => boolean | Promise<boolean>
}

/** A running server whose rooms keep what is said in them, what it was asked, and clients. Closed when the test is over. */
export async function startStage({ mayJoin = () => true }: StageOptions = {}) {
  const joins: string[] = []
  const streams: string[] = []
  const gates: (() => void)[] = []
  const calls: string[] = []
  const aborted: string[] = []
  const join = async (room: string) => {
    joins.push(room)
    return mayJoin(room)
  }
  const server = createServer(chat, {
    authenticate: () => ({ identity: 'ada' }),
    resume: { windowMs: 0 },
    onError: () => {},
  })
  const listening = server.implement({
    procedures: {
      send: async ({ input: { text }, errors, signal }) => {
        calls.push(text)
        signal.addEventListener('abort', () => aborted.push(text))
        if (text.startsWith('wait')) await new Promise<void>((resolve) => gates.push(resolve))
        if (text === 'muted') throw errors.MUTED({ untilMs: 5 })
        return { text, length: text.length }
      },
      touch: ({ input: { text } }) => void calls.push(text),
    },
    streams: {
      async *count({ input: { from, to }, signal }) {
        streams.push(`${from} to ${to}`)
        try {
          for (let n = from; n <= to; n++) yield n
          if (to === 0) await new Promise((_, reject) => signal.addEventListener('abort', reject))
        } finally {
          streams.push(`end of ${from} to ${to}`)
        }
      },
    },
    rooms: {
      chat: {
        authorize: ({ params }) => join(params.id),
        history: { limit: 100 },
        presence: {},
        events: { say: ({ room, payload: { text } }) => room.emit.message({ n: 0, text }) },
      },
      locked: { authorize: () => join('locked') },
    },
  })
  const http = createHttpServer()
  const sockets = new Set<Socket>()
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  listening.attach(http)
  await new Promise<void>((resolve) => {
    http.listen(0, '127.0.0.1', resolve)
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(async () => {
    await server.close({ drainMs: 0 })
    cut()
    await new Promise((resolve) => {
      http.close(resolve)
    })
  })
  const client = () => {
    const made = createClient<Chat>({
      url,
      transports: ['websocket'],
      reconnect: { random: () => 0 },
      onError: () => {},
    })
    onTestFinished(() => made.close())
    return made
  }
  const say = (id: string, ...texts: string[]) => {
    for (const text of texts) server.rooms.chat({ id }).emit.message({ n: 0, text })
  }
  const members = async (id: string) => (await server.rooms.chat({ id }).members()).length
  return { server, url, client, say, members, joins, streams, gates, calls, aborted, cut, sockets }
}

/** Renders into a page, in StrictMode unless told otherwise. Unmounted when the test is over. */
export async function render(element: ReactNode, { isStrict = true, html = '' } = {}) {
  const container = document.createElement('div')
  document.body.append(container)
  const wrap = (node: ReactNode) => (isStrict ? <StrictMode>{node}</StrictMode> : node)
  let root: ReturnType<typeof createRoot>
  if (html === '') {
    root = createRoot(container)
    await act(async () => root.render(wrap(element)))
  } else {
    container.innerHTML = html
    root = await act(async () => hydrateRoot(container, wrap(element)))
  }
  let isMounted = true
  const unmount = async () => {
    if (!isMounted) return
    isMounted = false
    await act(async () => root.unmount())
    container.remove()
  }
  onTestFinished(unmount)
  return {
    text: () => container.textContent,
    html: () => container.innerHTML,
    rerender: (node: ReactNode) => act(async () => root.render(wrap(node))),
    unmount,
  }
}

/** How long what must happen may take before the test says that it did not. */
const limitMs = 5_000

/** Lets the page and the server go on until something holds. */
export async function eventually(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const start = performance.now()
  while (!(await holds())) {
    if (performance.now() - start > limitMs) throw new Error(`${what}: not within ${limitMs} ms.`)
    await act(() => new Promise((resolve) => void setTimeout(resolve, 1)))
  }
}

/** The same for what a page shows. */
export async function untilShown(page: { readonly text: () => string | null }, text: string): Promise<void> {
  await eventually(() => page.text() === text, `the page shows ${JSON.stringify(text)}`).catch((error: unknown) => {
    throw new Error(`It shows ${JSON.stringify(page.text())}.`, { cause: error })
  })
}
