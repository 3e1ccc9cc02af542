import type { HandlersOf } from '@typewire/server'
import { store } from './domain.ts'
import type { server } from './server.ts'

// Handlers in a file of their own: they take the server's types alone, so no import goes in a circle.

type Procedures = HandlersOf<typeof server>['procedures']

export const messages = {
  send: async ({ input, ctx, errors, server }) => {
    if (store.isMuted(ctx.user)) throw errors.MUTED({ untilMs: 60_000 })
    const message = await store.add(ctx.user, input)
    server.rooms.chat({ roomId: input.roomId }).emit.message(message)
    return message
  },
} satisfies Partial<Procedures>

export const ping: Procedures['ping'] = ({ ctx }) => store.greet(ctx.user)
