/**
 * All peers, in the order in which they take turns and are shown.
 *
 * @type {readonly import('../types.ts').Peer[]}
 */
export const peers = [
  {
    name: 'ws',
    label: 'ws, raw JSON',
    over: 'websocket',
    can: ['calls', 'rooms', 'events', 'streams'],
    load: async () => (await import('./ws.mjs')).ws,
  },
  {
    name: 'limit',
    label: 'ws at its limit',
    over: 'websocket',
    can: ['calls', 'rooms', 'events', 'streams'],
    load: async () => (await import('./ws-limit.mjs')).wsLimit,
  },
  {
    name: 'socket.io',
    label: 'Socket.IO',
    over: 'websocket',
    can: ['calls', 'rooms', 'events'],
    load: async () => (await import('./socket-io.mjs')).socketIo,
  },
  {
    name: 'socket.io-polling',
    label: 'Socket.IO, long-polling',
    over: 'http',
    can: ['calls', 'rooms', 'events'],
    load: async () => (await import('./socket-io.mjs')).socketIoPolling,
  },
  {
    name: 'trpc',
    label: 'tRPC',
    over: 'websocket',
    can: ['calls', 'rooms', 'streams'],
    load: async () => (await import('./trpc.mjs')).trpc,
  },
  {
    name: 'trpc-superjson',
    label: 'tRPC, superjson',
    over: 'websocket',
    can: ['calls', 'dates', 'rooms', 'streams'],
    load: async () => (await import('./trpc.mjs')).trpcSuperjson,
  },
  {
    name: 'orpc',
    label: 'oRPC',
    over: 'websocket',
    can: ['calls', 'dates', 'rooms', 'streams'],
    load: async () => (await import('./orpc.mjs')).orpc,
  },
  {
    name: 'capnweb',
    label: "Cap'n Web",
    over: 'websocket',
    can: ['calls', 'dates', 'rooms', 'events', 'streams'],
    load: async () => (await import('./capnweb.mjs')).capnWeb,
  },
  {
    name: 'typewire',
    label: 'Typewire',
    over: 'websocket',
    can: ['calls', 'dates', 'rooms', 'events', 'streams', 'sessions'],
    load: async () => (await import('./typewire.mjs')).typewire,
  },
  {
    name: 'typewire-stream',
    label: 'Typewire, HTTP stream',
    over: 'http',
    can: ['calls', 'dates', 'rooms', 'events', 'streams', 'sessions'],
    load: async () => (await import('./typewire.mjs')).typewireStream,
  },
  {
    name: 'typewire-poll',
    label: 'Typewire, long-polling',
    over: 'http',
    can: ['calls', 'dates', 'rooms', 'events', 'streams', 'sessions'],
    load: async () => (await import('./typewire.mjs')).typewirePoll,
  },
]

/**
 * Both ends of a peer, in its own process.
 *
 * @param {string | undefined} wanted
 */
export async function loadPeer(wanted) {
  const peer = peers.find(({ name }) => name === wanted)
  if (!peer) throw new Error(`There is no peer ${wanted}.`)
  return peer.load()
}
