// ws at its limit: what all that one turn produces costs when it travels as one frame, in both directions, and when the
// frame of a broadcast is built once, its header included, and given to each member's socket as it is. Nothing is validated,
// nothing resumed, nothing bounded: it is not to be used, it is to be measured against.
import { WebSocket, WebSocketServer } from 'ws'
import { items } from './items.mjs'
import { listen } from './listen.mjs'
import { Rooms } from './rooms.mjs'
import { parse, queue } from './ws.mjs'

/** @type {import('../types.ts').Ends} */
export const wsLimit = { serve, connect }

/**
 * What is pushed in one turn is sent as one.
 *
 * @template T
 * @param {(all: T[]) => void} send
 */
function coalesce(send) {
  /** @type {T[]} */
  let waiting = []
  return (/** @type {T} */ each) => {
    if (waiting.push(each) > 1) return
    queueMicrotask(() => {
      const all = waiting
      waiting = []
      send(all)
    })
  }
}

/** Text as a WebSocket frame of a server (RFC 6455, 5.2): unmasked, in one buffer. */
function frameOf(/** @type {string} */ text) {
  const length = Buffer.byteLength(text)
  const header = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(header + length)
  frame[0] = 0x81
  if (header === 2) frame[1] = length
  else if (header === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, header)
  return frame
}

// Messages: a list of [what, id or room, payload].
async function serve() {
  const { server, port, close } = await listen()
  const rooms = /** @type {Rooms<import('node:stream').Duplex>} */ (new Rooms())
  let received = 0
  const wss = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  server.on('upgrade', (request, duplex, head) => {
    wss.handleUpgrade(request, duplex, head, (socket) => {
      /** @type {string[]} */
      const joined = []
      const send = coalesce((all) => socket.send(JSON.stringify(all)))
      socket.on('message', (data) => {
        for (const [what, key, payload] of parse(data)) {
          if (what === 'call') send(['answer', key, payload])
          else if (what === 'event') received++
          else if (what === 'join') {
            rooms.join(key, duplex)
            joined.push(key)
          } else if (what === 'stream') for (const item of items(payload)) send(['item', key, item])
        }
      })
      socket.on('close', () => joined.forEach((room) => rooms.leave(room, duplex)))
    })
  })
  const publish = coalesce((/** @type {[room: string, message: unknown][]} */ all) => {
    /** @type {Map<string, unknown[]>} */
    const byRoom = new Map()
    for (const [room, message] of all) {
      const frames = byRoom.get(room) ?? []
      if (frames.push(['room', room, message]) === 1) byRoom.set(room, frames)
    }
    for (const [room, frames] of byRoom) {
      const frame = frameOf(JSON.stringify(frames))
      for (const duplex of rooms.of(room)) duplex.write(frame)
    }
  })
  return {
    port,
    close,
    connections: () => wss.clients.size,
    broadcast: (/** @type {string} */ room, /** @type {unknown} */ message) => publish([room, message]),
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
    for (const [what, key, payload] of parse(data)) {
      waiting.get(key)?.(payload)
      if (what === 'answer') waiting.delete(key)
    }
  })
  const send = coalesce((all) => socket.send(JSON.stringify(all)))
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
