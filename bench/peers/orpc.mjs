// oRPC over WebSocket: procedures, and event iterators for what the server sends; rooms by its `EventPublisher`.
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/websocket'
import { EventPublisher, eventIterator, os } from '@orpc/server'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { Message, RichMessage } from '../messages.mjs'
import { items } from './items.mjs'
import { listen } from './listen.mjs'

/** @type {import('../types.ts').Ends} */
export const orpc = { serve, connect }

// A subscriber keeps 100 by default and drops the oldest; a burst must arrive whole.
const rooms = /** @type {EventPublisher<Record<string, import('../types.ts').PlainMessage>>} */ (
  new EventPublisher({ maxBufferedEvents: Infinity })
)
/** @type {Map<string, number>} */
const members = new Map()

const router = {
  call: os
    .input(Message)
    .output(Message)
    .handler(({ input }) => input),
  callDated: os
    .input(RichMessage)
    .output(RichMessage)
    .handler(({ input }) => input),
  room: os
    .input(z.string())
    .output(eventIterator(Message))
    .handler(async function* ({ input, signal }) {
      const messages = rooms.subscribe(input, { signal })
      members.set(input, (members.get(input) ?? 0) + 1)
      try {
        yield* messages
      } finally {
        members.set(input, (members.get(input) ?? 0) - 1)
      }
    }),
  stream: os
    .input(z.number())
    .output(eventIterator(Message))
    .handler(async function* ({ input }) {
      yield* items(input)
    }),
}

async function serve() {
  const { server, port, close } = await listen()
  const handler = new RPCHandler(router)
  const wss = new WebSocketServer({ server, perMessageDeflate: false })
  wss.on('connection', (socket) => {
    void handler.upgrade(socket, { context: {} })
  })
  return {
    port,
    close,
    connections: () => wss.clients.size,
    broadcast: (/** @type {string} */ room, /** @type {import('../types.ts').PlainMessage} */ message) =>
      rooms.publish(room, message),
    members: (/** @type {string} */ room) => members.get(room) ?? 0,
  }
}

/** @type {import('../types.ts').Ends['connect']} */
function connect(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  // What `ws` has is not all that the type for browsers has.
  const websocket = /** @type {globalThis.WebSocket} */ (/** @type {unknown} */ (socket))
  const client = /** @type {import('@orpc/server').RouterClient<typeof router>} */ (
    createORPCClient(new RPCLink({ websocket }))
  )
  return {
    opened: new Promise((resolve, reject) => {
      socket.on('open', resolve).on('error', reject)
    }),
    call: (message) => client.call(message),
    callDated: (message) => client.callDated(message),
    async join(room, onMessage) {
      const messages = await client.room(room)
      void read(messages, onMessage)
    },
    stream: (count) => client.stream(count),
    close: () => socket.close(),
  }
}

/**
 * @template T
 * @param {AsyncIterable<T>} messages
 * @param {(message: T) => void} onMessage
 */
async function read(messages, onMessage) {
  try {
    for await (const message of messages) onMessage(message)
  } catch {
    // The connection was closed.
  }
}
