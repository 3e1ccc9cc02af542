// Cap'n Web over WebSocket: methods for calls; for rooms, functions of the clients that the server calls. Events are calls
// whose result nobody asks for, which it does not send then.
import { newWebSocketRpcSession, RpcTarget } from 'capnweb'
import { WebSocket, WebSocketServer } from 'ws'
import { items } from './items.mjs'
import { listen } from './listen.mjs'
import { Rooms } from './rooms.mjs'

/** @typedef {import('../types.ts').PlainMessage} PlainMessage */
/** @typedef {((message: PlainMessage) => Disposable) & { dup(): Member, onRpcBroken(callback: () => void): void }} Member */

/** @type {import('../types.ts').Ends} */
export const capnWeb = { serve, connect }

const rooms = /** @type {Rooms<Member>} */ (new Rooms())
let received = 0

class Api extends RpcTarget {
  /** @param {PlainMessage} message */
  call(message) {
    return message
  }

  /** @param {import('../types.ts').DatedMessage} message */
  callDated(message) {
    return message
  }

  /**
   * @param {string} room
   * @param {Member} onMessage
   */
  join(room, onMessage) {
    const member = onMessage.dup() // it would be let go of at the end of the call
    rooms.join(room, member)
    member.onRpcBroken(() => rooms.leave(room, member))
  }

  /** @param {PlainMessage} _message */
  event(_message) {
    received++
  }

  /** @param {number} count */
  stream(count) {
    const all = items(count)
    return new ReadableStream({
      pull(controller) {
        const { done, value } = all.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    })
  }
}

/** It asks the platform's class what the states of a socket are; Node 20 has none. */
function giveWebSocket() {
  globalThis.WebSocket ??= /** @type {any} */ (WebSocket)
}

async function serve() {
  giveWebSocket()
  const { server, port, close } = await listen()
  const wss = new WebSocketServer({ server, perMessageDeflate: false })
  wss.on('connection', (socket) => {
    newWebSocketRpcSession(/** @type {any} */ (socket), new Api())
  })
  return {
    port,
    close,
    connections: () => wss.clients.size,
    broadcast(/** @type {string} */ room, /** @type {PlainMessage} */ message) {
      for (const member of rooms.of(room)) member(message)[Symbol.dispose]()
    },
    members: (/** @type {string} */ room) => rooms.of(room).size,
    received: () => received,
  }
}

/** @type {import('../types.ts').Ends['connect']} */
function connect(port) {
  giveWebSocket()
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  const api = /** @type {any} */ (newWebSocketRpcSession(/** @type {any} */ (socket)))
  return {
    opened: new Promise((resolve, reject) => {
      socket.on('open', resolve).on('error', reject)
    }),
    call: async (message) => api.call(message),
    callDated: async (message) => api.callDated(message),
    join: async (room, onMessage) => api.join(room, onMessage),
    emit: (message) => api.event(message)[Symbol.dispose](),
    stream: async (count) => api.stream(count),
    close: () => api[Symbol.dispose](),
  }
}
