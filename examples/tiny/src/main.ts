// The whole idea: one contract, a server, two clients. `npm start -w @typewire/example-tiny` runs it.

import { createClient } from '@typewire/client'
import { defineContract, event, isErrorOf, type Named, procedure, room } from '@typewire/core'
import { createServer } from '@typewire/server'
import { z } from 'zod'

// ── the contract: what both sides know ──────────────────────────────────────────────────────────

const Message = z.object({ author: z.string(), text: z.string(), sentAt: z.date() })

const contract = defineContract({
  auth: z.object({ name: z.string().min(1) }),
  procedures: {
    /** Says something to everybody in a room. */
    say: procedure({
      input: z.object({ roomId: z.string(), text: z.string().min(1).max(200) }),
      output: Message,
      errors: { MUTED: z.object({ untilMs: z.number() }) },
    }),
  },
  events: {
    toClient: { notice: event(z.object({ text: z.string() }), { ack: z.object({ seen: z.boolean() }) }) },
  },
  rooms: {
    chat: room({
      params: z.object({ roomId: z.string() }),
      events: {
        toServer: { typing: event() },
        toClient: { message: event(Message), typing: event(z.object({ author: z.string() })) },
      },
    }),
  },
})
interface Chat extends Named<typeof contract> {}
const chat: Chat = contract

// ── the server: who may, and what happens ───────────────────────────────────────────────────────

function startServer(log: (line: string) => void) {
  const server = createServer(chat, {
    authenticate: ({ auth }) => ({ identity: auth.name }),
  })
  return server.implement({
    procedures: {
      say: ({ input, ctx, errors }) => {
        if (ctx.identity === 'Mallory') throw errors.MUTED({ untilMs: 60_000 })
        const message = { author: ctx.identity, text: input.text, sentAt: new Date() }
        server.rooms.chat({ roomId: input.roomId }).emit.message(message)
        return message
      },
    },
    rooms: {
      chat: {
        authorize: ({ params }) => params.roomId !== 'secret',
        events: {
          typing: ({ room, session, ctx }) => room.except(session).emit.typing({ author: ctx.identity }),
        },
      },
    },
    session: async ({ session, ctx }) => {
      const { seen } = await session.emitWithAck.notice({ text: `Welcome, ${ctx.identity}` })
      log(`${ctx.identity} has ${seen ? 'seen' : 'not seen'} the notice`)
    },
  })
}

// ── the clients: typed by the contract's type alone ─────────────────────────────────────────────

export async function main(log: (line: string) => void): Promise<void> {
  await using server = startServer(log)
  const { port } = await server.listen(0, { host: '127.0.0.1' })

  function connect(name: string) {
    const client = createClient<Chat>({ url: `http://127.0.0.1:${port}`, auth: { name } })
    client.on.notice(({ text }) => {
      log(`${name} reads: ${text}`)
      return { seen: true }
    })
    return client
  }
  await using ada = connect('Ada')
  await using mallory = connect('Mallory')

  const room = ada.join.chat({ roomId: '42' })
  await room.ready
  const heard = new Promise<void>((resolve) => {
    room.on.message(({ author, text, sentAt }) => {
      log(`Ada hears ${author}: ${text} (${sentAt instanceof Date ? 'a Date' : 'no Date'})`)
      resolve()
    })
  })
  await ada.call.say({ roomId: '42', text: 'Hello, wire' })
  await heard

  try {
    await mallory.call.say({ roomId: '42', text: 'spam' })
  } catch (error) {
    if (!isErrorOf(mallory.call.say, error) || error.code !== 'MUTED') throw error
    log(`Mallory is muted for ${error.data.untilMs / 1000} s`)
  }

  await mallory.join.chat({ roomId: 'secret' }).ready.catch((error: Error) => log(error.message))
}

if (process.argv[1] === import.meta.filename) await main(console.log)
