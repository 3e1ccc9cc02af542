import type { HandlersOf } from '@typewire/server'
import { store } from './domain.ts'
import type { server } from './server.ts'

type Rooms = HandlersOf<typeof server>['rooms']

export const rooms = {
  chat: {
    authorize: ({ params, ctx }) => store.canRead(ctx.user, params.roomId),
    events: { typing: ({ room, session, ctx }) => room.except(session).emit.typing({ author: ctx.user.name }) },
  },
} satisfies Partial<Rooms>
