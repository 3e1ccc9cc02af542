import { defineContract, event, type Named, procedure, room, stream, upload } from '@typewire/core'
import { z } from 'zod'

// Every shape that a payload can have, and every kind of thing that a contract can declare.

interface Tree {
  label: string
  children: Tree[]
}
export const Tree: z.ZodType<Tree> = z.object({
  label: z.string(),
  get children() {
    return z.array(Tree)
  },
})

export const Shape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('circle'), radius: z.number() }),
  z.object({ kind: z.literal('polygon'), corners: z.array(z.tuple([z.number(), z.number()])), area: z.bigint() }),
])

export const Everything = z.object({
  text: z.string().describe('What it says.'),
  email: z.email(),
  count: z.int(),
  ratio: z.number(),
  flag: z.boolean(),
  nothing: z.null(),
  maybe: z.string().optional(),
  nullable: z.number().nullable(),
  color: z.enum(['red', 'green']),
  version: z.literal(2),
  either: z.union([z.string(), z.number()]),
  pair: z.tuple([z.string(), z.number()]),
  scores: z.record(z.string(), z.number()),
  shape: Shape,
  tree: Tree,
  at: z.date(),
  big: z.bigint(),
  small: z.bigint(),
  tags: z.set(z.string()),
  places: z.map(z.string(), z.date()),
  byPair: z.map(z.object({ x: z.number() }), z.bigint()),
  bytes: z.instanceof(Uint8Array),
  samples: z.instanceof(Int16Array),
  site: z.instanceof(URL),
  notANumber: z.nan(),
  'not an-identifier': z.string(),
  class: z.string(),
})

const Text = z.object({ text: z.string() })

const admin = defineContract({
  auth: z.object({ code: z.string() }),
  procedures: { ban: procedure({ input: z.object({ name: z.string() }), output: z.boolean() }) },
  events: { toClient: { audit: event(Text) } },
  rooms: { log: room({ events: { toClient: { line: event(Text) } } }) },
})

const contract = defineContract({
  auth: z.object({ name: z.string(), since: z.date() }),
  procedures: {
    /** Gives back what it is given. */
    echo: procedure({ input: Everything, output: Everything }),
    work: procedure({
      description: 'Doubles a number.',
      input: z.object({ n: z.number() }),
      output: z.number(),
      errors: { BUSY: z.object({ until: z.date() }), CLOSED_TODAY: z.object({}) },
    }),
    /** Its outcome may be lost: it is asked again. */
    add: procedure({ input: z.object({ n: z.number() }), output: z.number(), idempotent: true }),
    slow: procedure({}),
    import: procedure({ input: upload(z.bigint(), z.object({ table: z.string() })), output: z.bigint() }),
    list: procedure({ input: z.object({ last: z.number() }).optional(), output: z.array(z.string()) }),
  },
  streams: {
    count: stream({
      input: z.object({ to: z.number() }),
      items: z.object({ n: z.bigint() }),
      key: ({ n }) => String(n),
    }),
    repeat: stream({ input: upload(z.string()), items: z.string() }),
  },
  events: {
    toServer: {
      note: event(z.object({ n: z.number() })),
      save: event(z.object({ ids: z.set(z.number()) }), { ack: z.bigint() }),
    },
    toClient: {
      notice: event(Text),
      ask: event(Text, { ack: z.object({ yes: z.boolean(), seen: z.set(z.string()) }) }),
      bell: event(),
    },
  },
  rooms: {
    hall: room({
      params: z.object({ id: z.string() }),
      presence: z.object({ mood: z.string() }),
      events: {
        toServer: { say: event(Text), vote: event(Text, { ack: z.number() }), typing: event() },
        toClient: { said: event(z.object({ n: z.number(), tags: z.set(z.string()) })) },
      },
    }),
  },
  namespaces: { admin },
})

export interface Shapes extends Named<typeof contract> {}
export const shapes: Shapes = contract
