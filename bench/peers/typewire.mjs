// Typewire, as built for publication, by each of its transports. Validation and sessions are on, as they always are. Raised
// are the bounds of what one client, one address and nobody in particular may do, as all of the clients come from one.
import { createClient } from '@typewire/client'
import { defineContract, event, procedure, room, stream } from '@typewire/core'
import { createServer } from '@typewire/server'
import { z } from 'zod'
import { Message, RichMessage } from '../messages.mjs'
import { items } from './items.mjs'

const contract = defineContract({
  procedures: {
    call: procedure({ input: Message, output: Message }),
    callDated: procedure({ input: RichMessage, output: RichMessage }),
  },
  streams: { items: stream({ input: z.number(), items: Message }) },
  events: { toServer: { event: event(Message) } },
  rooms: {
    chat: room({ params: z.object({ roomId: z.string() }), events: { toClient: { message: event(Message) } } }),
  },
})

/** @type {(transport: import('@typewire/client').TransportName) => import('../types.ts').Ends} */
const by = (transport) => ({ serve, connect: (port) => connect(port, transport) })
export const typewire = by('websocket')
export const typewireStream = by('http-stream')
export const typewirePoll = by('http-poll')

async function serve() {
  let received = 0
  const many = 1_000_000
  const server = createServer(contract, {
    addressOf: () => undefined,
    maxRooms: many,
    maxJoinsPerSecond: many,
    resume: { maxPerIdentity: many },
  })
  const ready = server.implement({
    procedures: { call: ({ input }) => input, callDated: ({ input }) => input },
    streams: {
      async *items({ input }) {
        yield* items(input)
      },
    },
    events: { event: () => void received++ },
    rooms: { chat: { authorize: () => true } },
  })
  const { port } = await ready.listen(0, { host: '127.0.0.1' })
  return {
    port,
    close: () => server.close(),
    connections: () => Object.values(server.load.connections).reduce((all, some) => all + some, 0),
    broadcast: (/** @type {string} */ roomId, /** @type {import('../types.ts').PlainMessage} */ message) =>
      server.rooms.chat({ roomId }).emit.message(message),
    members: async (/** @type {string} */ roomId) => (await server.rooms.chat({ roomId }).members()).length,
    received: () => received,
    detached: () => server.load.detachedSessions,
  }
}

/**
 * @param {number} port
 * @param {import('@typewire/client').TransportName} transport
 * @returns {import('../types.ts').ClientEnd}
 */
function connect(port, transport) {
  /** @type {import('@typewire/client').Client<typeof contract>} */
  const client = createClient({ url: `http://127.0.0.1:${port}`, transports: [transport], connect: 'eager' })
  return {
    opened: client.connect(),
    call: (message) => client.call.call(message),
    callDated: (message) => client.call.callDated(message),
    async join(roomId, onMessage) {
      const chat = client.join.chat({ roomId })
      chat.on.message(onMessage)
      await chat.ready
    },
    emit: (message) => client.emit.event(message),
    stream: (count) => client.stream.items(count),
    close: () => client.close(),
  }
}
