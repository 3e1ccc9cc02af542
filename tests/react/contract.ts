import { defineContract, event, type Named, procedure, room, stream } from '@typewire/core'
import { z } from 'zod'

const Message = z.object({ n: z.number(), text: z.string() })

const contract = defineContract({
  procedures: {
    send: procedure({
      input: z.object({ text: z.string() }),
      output: z.object({ text: z.string(), length: z.number() }),
      errors: { MUTED: z.object({ untilMs: z.number() }) },
    }),
    touch: procedure({ input: z.object({ text: z.string() }) }),
  },
  streams: {
    count: stream({ input: z.object({ to: z.number(), from: z.number().default(1) }), items: z.number() }),
  },
  events: {
    toClient: { notice: event(z.object({ text: z.string() }), { ack: z.object({ seen: z.string() }) }) },
  },
  rooms: {
    chat: room({
      params: z.object({ id: z.string() }),
      presence: z.object({ mood: z.string() }).optional(),
      events: {
        toServer: { say: event(z.object({ text: z.string() })) },
        toClient: { message: event(Message) },
      },
    }),
    locked: room({ events: { toClient: { secret: event(z.string()) } } }),
  },
})
export interface Chat extends Named<typeof contract> {}
export const chat: Chat = contract
