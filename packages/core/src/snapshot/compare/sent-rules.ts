import type { DifferenceKind } from './difference.ts'
import type { Example, Rule } from './rule.ts'

/** An input, before and after. */
const input = (before: string, after: string): Example => ({ before: declared(before), after: declared(after) })
const declared = (schema: string) => `procedures: { send: procedure({ input: ${schema} }) }`

/** Of what clients send: it may only be widened, as clients that are out there go on sending what they sent. */
export const sentRules = {
  'sent-type': {
    severity: 'breaking',
    meaning: 'Clients send a type that is no longer taken.',
    remedy: 'Take the type of before as well: a union of both. Or put what is new into a new property or procedure.',
    breaks: input('z.object({ to: z.union([z.string(), z.number()]) })', 'z.object({ to: z.string() })'),
    passes: input('z.object({ to: z.string() })', 'z.object({ to: z.union([z.string(), z.number()]) })'),
  },
  'sent-value': {
    severity: 'breaking',
    meaning: 'Clients send a value that is no longer one of those that are taken.',
    remedy: 'Keep the value, and treat it as another in the handler.',
    breaks: input("z.object({ tone: z.enum(['calm', 'loud']) })", "z.object({ tone: z.enum(['calm']) })"),
    passes: input("z.object({ tone: z.enum(['calm']) })", "z.object({ tone: z.enum(['calm', 'loud']) })"),
  },
  'sent-required': {
    severity: 'breaking',
    meaning: 'A property is required that clients leave out.',
    remedy: 'Make it optional, or give it a default.',
    breaks: input('z.object({ text: z.string() })', 'z.object({ text: z.string(), tone: z.string() })'),
    passes: input('z.object({ text: z.string() })', "z.object({ text: z.string(), tone: z.string().default('') })"),
  },
  'sent-unknown-property': {
    severity: 'risky',
    meaning: 'Clients send a property that the contract no longer has. It is ignored, without their being told.',
    remedy: 'Keep it, optional and deprecated, until no client sends it; or see that nobody misses what it did.',
    breaks: input('z.object({ text: z.string(), tone: z.string() })', 'z.object({ text: z.string() })'),
    passes: input(
      'z.object({ text: z.string(), tone: z.string() })',
      'z.object({ text: z.string(), tone: z.string().optional() })',
    ),
  },
  'sent-closed': {
    severity: 'breaking',
    meaning: 'Clients send a property that is refused, as the object takes none but its own.',
    remedy: 'Keep the property, optional; or let the object be open: z.object in place of z.strictObject.',
    breaks: input('z.strictObject({ text: z.string(), tone: z.string() })', 'z.strictObject({ text: z.string() })'),
    passes: input(
      'z.strictObject({ text: z.string() })',
      'z.strictObject({ text: z.string(), tone: z.string().optional() })',
    ),
  },
  'sent-bound': {
    severity: 'breaking',
    meaning: 'A bound became tighter, of a number, a time, a length or a count: clients send what is beyond it.',
    remedy: 'Keep the bound of before, and let the handler answer what is too much with an error of its own.',
    breaks: input('z.string().max(200)', 'z.string().max(100)'),
    passes: input('z.string().max(100)', 'z.string().max(200)'),
  },
  'sent-pattern': {
    severity: 'breaking',
    meaning:
      'Text must match a pattern that it did not have to. Whether one pattern allows all that another does, nobody can tell.',
    remedy: 'If it allows all that was allowed before, accept this finding. Or check the new pattern in the handler.',
    breaks: input('z.string().regex(/^[a-z]+$/)', 'z.string().regex(/^[a-z0-9]+$/)'),
    passes: input('z.string().regex(/^[a-z]+$/)', 'z.string()'),
  },
  'sent-format': {
    severity: 'breaking',
    meaning: 'Text must be of a format that it did not have to be of.',
    remedy: 'Take any text, and check the format in the handler; or take it in a new property.',
    breaks: input('z.string()', 'z.email()'),
    passes: input('z.email()', 'z.string()'),
  },
  'sent-multiple': {
    severity: 'breaking',
    meaning: 'A number must be a multiple of another that it did not have to be one of.',
    remedy: 'Take the numbers of before, and round them in the handler.',
    breaks: input('z.number().multipleOf(2)', 'z.number().multipleOf(4)'),
    passes: input('z.number().multipleOf(4)', 'z.number().multipleOf(2)'),
  },
  'sent-length': {
    severity: 'breaking',
    meaning: 'Clients send tuples with more or fewer items than are taken.',
    remedy: 'Let what is new be optional, and keep what was there.',
    breaks: input('z.tuple([z.number()])', 'z.tuple([z.number(), z.number()])'),
    passes: input('z.tuple([z.number()])', 'z.tuple([z.number(), z.number().optional()])'),
  },
  'sent-unique': {
    severity: 'breaking',
    meaning: 'Items must all be different that did not have to be.',
    remedy: 'Take them as before, and leave out repetitions in the handler.',
    breaks: input(
      'z.array(z.string()).meta({ uniqueItems: false })',
      'z.array(z.string()).meta({ uniqueItems: true })',
    ),
    passes: input('z.array(z.string()).meta({ uniqueItems: true })', 'z.array(z.string())'),
  },
  'sent-union': {
    severity: 'breaking',
    meaning: 'Clients send a member of a union that is no longer taken.',
    remedy: 'Keep the member, and let the handler answer it, if only with an error.',
    breaks: input(
      "z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') }), z.object({ kind: z.literal('image') })])",
      "z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') }), z.object({ kind: z.literal('sound') })])",
    ),
    passes: input(
      "z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') })])",
      "z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') }), z.object({ kind: z.literal('sound') })])",
    ),
  },
  'sent-wire-type': {
    severity: 'breaking',
    meaning: 'A type that JSON cannot say (Date, bigint, Map, …) became another type, or another became one.',
    remedy: 'Take both: z.union([z.string(), z.date()]).',
    breaks: input('z.object({ at: z.string() })', 'z.object({ at: z.date() })'),
    passes: input('z.object({ at: z.string() })', 'z.object({ at: z.union([z.string(), z.date()]) })'),
  },
  'sent-optional': {
    severity: 'breaking',
    meaning: 'A payload is required that clients may leave out.',
    remedy: 'Let it be optional as before.',
    breaks: input('z.string().optional()', 'z.string()'),
    passes: input('z.string()', 'z.string().optional()'),
  },
  'sent-unclear': {
    severity: 'breaking',
    meaning:
      'What is taken is restricted in words that cannot be compared (not, if, patternProperties, a oneOf whose members overlap), and it changed.',
    remedy:
      'If all that was taken before still is, accept this finding. Or say it in plainer words: a discriminated union.',
    breaks: input('z.string()', "z.string().meta({ not: { const: 'all' } })"),
    passes: input("z.string().meta({ not: { const: 'all' } })", 'z.string()'),
  },
  'sent-declared': {
    severity: 'breaking',
    meaning: 'A payload is required where clients send none.',
    remedy: 'Make it optional: z.object({ … }).optional().',
    breaks: { before: 'procedures: { send: procedure({}) }', after: declared('z.string()') },
    passes: { before: 'procedures: { send: procedure({}) }', after: declared('z.string().optional()') },
  },
  'sent-withdrawn': {
    severity: 'breaking',
    meaning: 'Clients send a payload where none is declared any more. It is refused.',
    remedy: 'Keep the payload and make it optional, until no client sends it.',
    breaks: { before: declared('z.string()'), after: 'procedures: { send: procedure({}) }' },
    passes: { before: declared('z.string()'), after: declared('z.string().optional()') },
  },
  'sent-widened': {
    severity: 'compatible',
    meaning: 'What clients send has changed, and all that they sent before is still taken.',
    remedy: 'Nothing to do.',
    breaks: input('z.string().max(100)', 'z.string().max(200)'),
    passes: input("z.string().describe('What is said.')", 'z.string()'),
  },
} as const satisfies Record<`sent-${DifferenceKind | Declared}`, Rule>

type Declared = 'declared' | 'withdrawn' | 'widened'
