import { defineContract, event, type Named, procedure, room } from '@typewire/core'
import { z } from 'zod'

// One of each thing that crosses the wire, for tests that are about the crossing.

const Work = z.object({ n: z.number() })
const Text = z.object({ text: z.string() })

const contract = defineContract({
  procedures: {
    /** Answers with what it is given. */
    echo: procedure({ input: z.string(), output: z.string() }),
    /** The same for anything that travels. */
    carry: procedure({ input: z.unknown(), output: z.unknown() }),
    work: procedure({
      input: Work,
      output: z.object({ doubled: z.number() }),
      errors: { BUSY: z.object({ forMs: z.number() }) },
    }),
    /** Counts. */
    lines: procedure({ input: z.array(z.string()), output: z.number() }),
    brief: procedure({ timeoutMs: 1_000 }),
  },
  events: {
    toServer: {
      note: event(Work),
      save: event(Work, { ack: z.object({ saved: z.number() }) }),
    },
    toClient: {
      notice: event(Text),
      ask: event(Text, { ack: z.object({ yes: z.boolean() }) }),
    },
  },
  rooms: {
    /** Joined by clients, if `authorize` says yes. */
    hall: room({
      params: z.object({ id: z.string() }),
      events: {
        toServer: { say: event(Text), vote: event(Text, { ack: z.object({ count: z.number() }) }) },
        toClient: { said: event(Text), poll: event(Text, { ack: z.object({ yes: z.boolean() }) }) },
      },
    }),
    /** Joined by server code alone. */
    office: room({ params: z.object({ id: z.string() }), events: { toClient: { memo: event(Text) } } }),
  },
})
export interface Lab extends Named<typeof contract> {}
export const lab: Lab = contract
