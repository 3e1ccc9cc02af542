// What the server and the page say to each other. The page imports types from here and nothing else: no schema library
// reaches its bundle.

import { defineContract, event, type Named, procedure, room } from '@typewire/core'
import { z } from 'zod'
import { limits } from './limits.ts'

/** Letters, digits, signs and spaces of any script; nothing that hides or turns the text around it (Bidi controls). */
const visible = /^[^\p{Cc}\p{Co}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+$/u

const nameOf = (what: string, max: number) =>
  z
    .string()
    .trim()
    .min(1, `Give ${what}.`)
    .max(max, `At most ${max} characters, please.`)
    .regex(visible, 'Only characters that can be seen, please.')

export const Person = z.object({ id: z.string(), name: z.string() })
export type Person = z.infer<typeof Person>

export const Room = z.object({ id: z.string(), name: z.string(), topic: z.string() })
export type Room = z.infer<typeof Room>

export const Message = z.object({ id: z.string(), author: Person, text: z.string(), sentAt: z.date() })
export type Message = z.infer<typeof Message>

const contract = defineContract({
  /** A name to go by, and a secret of the browser tab: who has it may use the name again after a reload. */
  auth: z.object({ name: nameOf('a name', limits.personName), key: z.string().min(16).max(64) }),

  procedures: {
    /** The id of the event is what `messageId` makes of that of the input. */
    send: procedure({
      description:
        'Says something to everybody in a room. The sender has it like all others: as the event `message`. Twice with one id is once, so that it is safe to repeat.',
      input: z.object({
        roomId: z.string(),
        id: z.string().regex(/^[\w-]{16,64}$/),
        text: z.string().trim().min(1).max(limits.text),
      }),
      idempotent: true,
      errors: {
        NO_SUCH_ROOM: z.object({}),
        /** A span and not a time of day: the two clocks need not agree. */
        TOO_FAST: z.object({ retryAfterMs: z.number() }),
      },
    }),
    openRoom: procedure({
      description: 'Gives the room of this name, made if there is none.',
      input: z.object({ name: nameOf('the room a name', limits.roomName) }),
      output: Room,
      errors: { TOO_MANY_ROOMS: z.object({ max: z.number() }) },
    }),
  },

  events: {
    toClient: {
      welcome: event(z.object({ you: Person, rooms: z.array(Room) }), {
        description: 'First of all, at every new session: who one is, and what there is.',
      }),
      rooms: event(z.array(Room), { description: 'All rooms, when there is another one.' }),
    },
  },

  rooms: {
    chat: room({
      description: 'One of the rooms. Its last messages are kept, for who joins later.',
      params: z.object({ roomId: z.string() }),
      /** Whether they look elsewhere, members say themselves. The name is the server's to fill in, whatever they say. */
      presence: z.object({ name: z.string().default(''), isAway: z.boolean() }),
      events: {
        toServer: { typing: event(z.object({ isTyping: z.boolean() })) },
        toClient: {
          message: event(Message, { description: 'Somebody has said something.' }),
          /** Of no use to who hears it late: no history keeps it either. */
          typing: event(z.object({ person: Person, isTyping: z.boolean() }), { delivery: 'volatile' }),
        },
      },
    }),
  },
})

export interface Chat extends Named<typeof contract> {}
export const chat: Chat = contract
