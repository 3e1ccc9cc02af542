// tRPC over WebSocket: mutations for calls, and subscriptions, which are generators, for what the server sends. Events go
// to rooms by Node's `on`, as its documents show.
import { EventEmitter, on } from 'node:events'
import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import superjson from 'superjson'
import { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { Message, RichMessage } from '../messages.mjs'
import { items } from './items.mjs'
import { listen } from './listen.mjs'
import { queue } from './ws.mjs'

/** @type {import('../types.ts').Ends} */
export const trpc = { serve: () => serve(initTRPC.create()), connect: (port) => connect(port, undefined) }

/** @type {import('../types.ts').Ends} */
export const trpcSuperjson = {
  // The types of what it makes are those of one without a transformer, which differ in what errors look like.
  serve: () => serve(/** @type {any} */ (initTRPC.create({ transformer: superjson }))),
  connect: (port) => connect(port, superjson),
}

const rooms = new EventEmitter().setMaxListeners(0)

/** @param {ReturnType<typeof initTRPC.create>} t */
const routerOf = (t) =>
  t.router({
    send: t.procedure
      .input(Message)
      .output(Message)
      .mutation(({ input }) => input),
    sendDated: t.procedure
      .input(RichMessage)
      .output(RichMessage)
      .mutation(({ input }) => input),
    room: t.procedure.input(z.string()).subscription(async function* ({ input, signal }) {
      for await (const [message] of on(rooms, input, { signal })) yield Message.parse(message)
    }),
    stream: t.procedure.input(z.number()).subscription(async function* ({ input }) {
      for (const item of items(input)) yield Message.parse(item)
    }),
  })

/** @param {ReturnType<typeof initTRPC.create>} t */
async function serve(t) {
  const { server, port, close } = await listen()
  const wss = new WebSocketServer({ server, perMessageDeflate: false })
  applyWSSHandler({ wss, router: routerOf(t) })
  return {
    port,
    close,
    connections: () => wss.clients.size,
    broadcast: (/** @type {string} */ room, /** @type {unknown} */ message) => void rooms.emit(room, message),
    members: (/** @type {string} */ room) => rooms.listenerCount(room),
  }
}

/**
 * @param {number} port
 * @param {typeof superjson | undefined} transformer
 * @returns {import('../types.ts').ClientEnd}
 */
function connect(port, transformer) {
  /** @type {() => void} */
  let onOpen = () => {}
  /** @type {Promise<void>} */
  const opened = new Promise((resolve) => (onOpen = resolve))
  const link = createWSClient({
    url: `ws://127.0.0.1:${port}`,
    WebSocket: /** @type {typeof globalThis.WebSocket} */ (/** @type {unknown} */ (WebSocket)),
    onOpen,
  })
  const client = /** @type {import('@trpc/client').TRPCClient<ReturnType<typeof routerOf>>} */ (
    createTRPCClient({ links: [wsLink(/** @type {any} */ ({ client: link, transformer }))] })
  )
  return {
    opened,
    call: (message) => client.send.mutate(message),
    callDated: /** @type {any} */ (client.sendDated.mutate),
    join: (room, onMessage) =>
      new Promise((resolve, reject) => {
        client.room.subscribe(room, { onStarted: () => resolve(), onData: onMessage, onError: reject })
      }),
    stream(count) {
      const { push, read } = queue(count)
      client.stream.subscribe(count, { onData: push })
      return read()
    },
    close: () => link.close(),
  }
}
