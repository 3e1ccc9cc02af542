// ws with JSON by hand: one frame per message, nothing validated, nothing resumed. What most would write first.
import { WebSocket, WebSocketServer } from 'ws'
import { listen } from './listen.mjs'
import { Rooms } from './rooms.mjs'
import { items } from './items.mjs'

/** @type {import('../types.ts').Ends} */
export const ws = { serve, connect }

// Frames: [what, id or room, payload].
async function serve() {
  const { server, port, close } = await listen()
  const rooms = /** @type {Rooms<WebSocket>} */ (new Rooms())
  let received = 0
  const wss = new WebSocketServer({ server, perMessageDeflate: false })
  wss.on('connection', (socket) => {
    /** @type {string[]} */
    const joined = []
    socket.on('message', (data) => {
      const [what, key, payload] = parse(data)
      if (what === 'call') socket.send(JSON.stringify(['answer', key, payload]))
      else if (what === 'event') received++
      else if (what === 'join') {
        rooms.join(key, socket)
        joined.push(key)
      } else if (what === 'stream') {
        for (const item of items(payload)) socket.send(JSON.stringify(['item', key, item]))
      }
    })
    socket.on('close', () => joined.forEach((room) => rooms.leave(room, socket)))
  })
  return {
    port,
    close,
    connections: () => wss.clients.size,
    broadcast(/** @type {string} */ room, /** @type {unknown} */ message) {
      const frame = JSON.stringify(['room', room, message])
      for (const socket of rooms.of(room)) socket.send(frame)
    },
    members: (/** @type {string} */ room) => rooms.of(room).size,
    received: () => received,
  }
}

/** @type {import('../types.ts').Ends['connect']} */
function connect(port) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
  /** @type {Map<number | string, (payload: any) => void>} */
  const waiting = new Map()
  let id = 0
  /** @type {Promise<void>} */
  const opened = new Promise((resolve, reject) => {
    socket.on('open', resolve).on('error', reject)
  })
  socket.on('message', (data) => {
    const [what, key, payload] = parse(data)
    waiting.get(key)?.(payload)
    if (what === 'answer') waiting.delete(key)
  })
  const send = (/** @type {unknown} */ frame) => socket.send(JSON.stringify(frame))
  return {
    opened,
    async call(message) {
      if (socket.readyState === WebSocket.CONNECTING) await opened
      return new Promise((resolve) => {
        waiting.set(++id, resolve)
        send(['call', id, message])
      })
    },
    async join(room, onMessage) {
      await opened
      waiting.set(room, onMessage)
      send(['join', room])
    },
    emit: (message) => send(['event', 0, message]),
    stream(count) {
      const { push, read } = queue(count)
      waiting.set(++id, push)
      send(['stream', id, count])
      return read()
    },
    close: () => socket.close(),
  }
}

/**
 * What came as one message, whose data is one `Buffer` unless `ws` is told otherwise.
 *
 * @param {import('ws').RawData} data
 */
export const parse = (data) => JSON.parse(/** @type {Buffer} */ (data).toString())

/**
 * Items that come by callback, as an iterable.
 *
 * @param {number} count
 */
export function queue(count) {
  /** @type {any[]} */
  let came = []
  let wake = () => {}
  const push = (/** @type {unknown} */ item) => {
    came.push(item)
    wake()
  }
  async function* read() {
    for (let left = count; left > 0;) {
      if (came.length === 0) await new Promise((resolve) => (wake = () => resolve(undefined)))
      const some = came
      came = []
      left -= some.length
      yield* some
    }
  }
  return { push, read }
}
