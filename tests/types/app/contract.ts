import { defineContract, event, procedure, room, stream, upload, type Named } from '@typewire/core'
import { z } from 'zod'

// The contract of the fixture application: it has one of each thing that a contract can have.

export const Message = z.object({ id: z.string(), author: z.string(), text: z.string().max(2000), sentAt: z.date() })

const contract = defineContract({
  auth: z.object({ token: z.string() }),
  procedures: {
    /** Sends a message to a room that you are in. */
    send: procedure({
      input: z.object({
        roomId: z.string(),
        text: z.string().min(1).max(2000),
        at: z.date().default(() => new Date()),
      }),
      output: Message,
      errors: { MUTED: z.object({ untilMs: z.number() }), FULL: z.object({}) },
    }),
    /** @deprecated use send */
    ping: procedure({}),
    importAll: procedure({ input: upload(Message, z.object({ roomId: z.string() })), output: z.number() }),
  },
  streams: {
    /** Every message of a room, oldest first. */
    exportAll: stream({
      input: z.object({ roomId: z.string() }),
      items: Message,
      errors: { GONE: z.object({ since: z.date() }) },
    }),
    ticks: stream({ items: z.number() }),
    talk: stream({ input: upload(z.string()), items: z.string().transform((text) => text.length) }),
  },
  events: {
    toServer: {
      seen: event(z.object({ id: z.string() })),
      saved: event(z.object({ version: z.number() }), { ack: z.object({ version: z.number() }) }),
      bye: event(),
    },
    toClient: {
      notice: event(z.object({ text: z.string() }), { ack: z.object({ seen: z.boolean() }) }),
      count: event(z.object({ members: z.coerce.number() })),
    },
  },
  rooms: {
    chat: room({
      params: z.object({ roomId: z.string() }),
      events: {
        toServer: { typing: event() },
        toClient: { message: event(Message), typing: event(z.object({ author: z.string() })) },
      },
    }),
    /** Joined by the server alone. */
    user: room({ params: z.object({ id: z.string() }), events: { toClient: { mentioned: event(Message) } } }),
    lobby: room({ events: { toClient: { opened: event(z.string(), { ack: z.number() }) } } }),
  },
})
export interface Chat extends Named<typeof contract> {}
export const chat: Chat = contract
