import { defineContract, event, type Named, procedure, room } from '@typewire/core'
import { z } from 'zod'

// What the storm goes through: rooms that keep nothing, rooms that keep little, and rooms that keep all.

const params = z.object({ id: z.string() })
const Text = z.object({ text: z.string() })
const toClient = { said: event(Text), poll: event(Text, { ack: z.object({ yes: z.boolean() }) }) }

const contract = defineContract({
  procedures: { echo: procedure({ input: z.string(), output: z.string() }) },
  rooms: {
    /** Keeps nothing. */
    hall: room({ params, events: { toClient } }),
    /** Keeps so little that who is away for long misses some. */
    archive: room({ params, events: { toClient } }),
    /** Keeps all, and tells who is there. */
    cafe: room({ params, events: { toClient }, presence: z.string() }),
  },
})
export interface Storm extends Named<typeof contract> {}
export const storm: Storm = contract

export const roomCount = 20

const kinds = ['hall', 'archive', 'hall', 'cafe'] as const
export const kindOf = (room: number) => kinds[room % kinds.length]!
export const keyOf = (room: number) => `${kindOf(room)} {"id":"${room}"}`
export const paramsOf = (room: number) => ({ id: `${room}` })
