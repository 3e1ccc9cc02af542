import { TypewireError } from '@typewire/core'
import { createServer } from '@typewire/server'
import { chat } from './contract.ts'
import { store, verify } from './domain.ts'
import { messages, ping } from './messages.ts'
import { rooms } from './rooms.ts'

export const server = createServer(chat, {
  authenticate: async ({ auth }) => {
    const user = await verify(auth.token)
    return { identity: user.id, user }
  },
})

/** For those who may write. */
export const writers = server.middleware(async ({ ctx, next }) => {
  if (store.isMuted(ctx.user)) throw new TypewireError('FORBIDDEN', 'You are muted.')
  return next({ writer: ctx.user.name })
})

export const listening = server.implement({
  session: ({ session, ctx, server }) => session.join(server.rooms.user({ id: ctx.user.id })),
  procedures: {
    ...messages,
    ping,
    ...writers.procedures({
      importAll: async ({ input, ctx }) => {
        let imported = 0
        for await (const message of input.items) if (message.author === ctx.writer) imported += message.text.length
        return imported
      },
    }),
  },
  streams: {
    exportAll: async function* ({ input, signal }) {
      yield* store.all(input.roomId, { signal })
    },
    // It answers with what it asks of the server: that the handlers' types depend on `server` must not make
    // `server`'s type depend on the handlers.
    ticks: async function* () {
      const acks = await server.rooms.lobby().emitWithAck.opened('tick')
      yield acks.length
    },
    talk: async function* ({ input }) {
      for await (const text of input) yield text.toUpperCase()
    },
  },
  events: {
    seen: ({ payload, ctx }) => store.markSeen(ctx.user, payload.id),
    saved: ({ payload }) => ({ version: payload.version + 1 }),
    ...writers.events({
      bye: ({ session, ctx }) => session.close(`bye, ${ctx.writer}`),
    }),
  },
  rooms: {
    ...rooms,
    ...writers.rooms({
      lobby: { authorize: ({ ctx }) => ctx.writer !== '' },
    }),
  },
})

await listening.listen(3000)
