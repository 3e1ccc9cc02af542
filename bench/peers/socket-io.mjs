// Socket.IO, by its defaults: no compression, and no wait for an upgrade where it is to go by WebSocket.
import { Agent } from 'node:http'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { listen } from './listen.mjs'

/** @type {(transport: 'websocket' | 'polling') => import('../types.ts').Ends} */
const by = (transport) => ({ serve: () => serve(transport), connect: (port) => connect(port, transport) })
export const socketIo = by('websocket')
export const socketIoPolling = by('polling')

/** @param {'websocket' | 'polling'} transport */
async function serve(transport) {
  const { server, port, close } = await listen()
  const sockets = new Server(server, { transports: [transport], serveClient: false })
  // As its page on memory advises.
  sockets.engine.on('connection', (raw) => {
    raw.request = null
  })
  let received = 0
  sockets.on('connection', (socket) => {
    socket.on('call', (message, answer) => answer(message))
    socket.on('join', (room, answer) => {
      void socket.join(room)
      answer()
    })
    socket.on('event', () => received++)
  })
  return {
    port,
    close,
    connections: () => sockets.engine.clientsCount,
    broadcast: (/** @type {string} */ room, /** @type {unknown} */ message) =>
      sockets.to(room).emit('message', message),
    members: (/** @type {string} */ room) => sockets.of('/').adapter.rooms.get(room)?.size ?? 0,
    received: () => received,
  }
}

// It makes a connection for each request unless it is given an agent; browsers keep theirs.
const agent = new Agent({ keepAlive: true })

/**
 * @param {number} port
 * @param {'websocket' | 'polling'} transport
 * @returns {import('../types.ts').ClientEnd}
 */
function connect(port, transport) {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: [transport],
    forceNew: true,
    // Its types say that it is a string or a boolean.
    .../** @type {{}} */ (transport === 'polling' ? { agent } : {}),
  })
  return {
    opened: new Promise((resolve, reject) => {
      socket.on('connect', resolve).on('connect_error', reject)
    }),
    call: (message) => socket.emitWithAck('call', message),
    join(room, onMessage) {
      if (!socket.hasListeners('message')) socket.on('message', onMessage) // of all rooms
      return socket.emitWithAck('join', room)
    },
    emit: (message) => socket.emit('event', message),
    close: () => void socket.close(),
  }
}
