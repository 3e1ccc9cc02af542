import type { DifferenceKind } from './difference.ts'
import type { Example, Rule } from './rule.ts'

/** An output, before and after. */
const output = (before: string, after: string): Example => ({ before: declared(before), after: declared(after) })
const declared = (schema: string) => `procedures: { read: procedure({ output: ${schema} }) }`

/** Of what clients receive: it may only be narrowed, as clients that are out there know what there was. */
export const receivedRules = {
  'received-type': {
    severity: 'breaking',
    meaning: 'Clients get a type that they do not know.',
    remedy: 'Leave the property as it is, and send what is new in another.',
    breaks: output('z.object({ name: z.string() })', 'z.object({ name: z.string().nullable() })'),
    passes: output('z.object({ name: z.string().nullable() })', 'z.object({ name: z.string() })'),
  },
  'received-value': {
    severity: 'breaking',
    meaning: 'Clients get a value that is none of those that they know.',
    remedy:
      'Send it in a new property, and one of the known ones here. Or see that all clients have a case for others.',
    breaks: output(
      "z.object({ state: z.enum(['open', 'shut']) })",
      "z.object({ state: z.enum(['open', 'shut', 'ajar']) })",
    ),
    passes: output("z.object({ state: z.enum(['open', 'shut']) })", "z.object({ state: z.enum(['open']) })"),
  },
  'received-required': {
    severity: 'breaking',
    meaning: 'A property may be missing that clients count on, or there is none any more.',
    remedy: 'Go on sending it, if only with an empty value.',
    breaks: output('z.object({ name: z.string() })', 'z.object({ name: z.string().optional() })'),
    passes: output('z.object({ name: z.string().optional() })', 'z.object({ name: z.string() })'),
  },
  'received-closed': {
    severity: 'risky',
    meaning:
      'Clients get a property of an object that was said to have none but its own. One that validates refuses it.',
    remedy: 'Let objects that may grow be open: z.object in place of z.strictObject.',
    breaks: output('z.strictObject({ id: z.string() })', 'z.strictObject({ id: z.string(), name: z.string() })'),
    passes: output('z.object({ id: z.string() })', 'z.object({ id: z.string(), name: z.string() })'),
  },
  'received-bound': {
    severity: 'risky',
    meaning: 'A bound became looser, of a number, a time, a length or a count: clients get what is beyond it.',
    remedy: 'See that no client counts on the bound: the width of a column, an array that is never empty.',
    breaks: output('z.array(z.string()).min(1)', 'z.array(z.string())'),
    passes: output('z.array(z.string())', 'z.array(z.string()).min(1)'),
  },
  'received-pattern': {
    severity: 'risky',
    meaning: 'Text no longer matches a pattern, or matches another. Whether that one allows less, nobody can tell.',
    remedy: 'See that no client takes the text apart by the pattern of before.',
    breaks: output('z.string().regex(/^[a-z]+$/)', 'z.string().regex(/^[a-z0-9]+$/)'),
    passes: output('z.string()', 'z.string().regex(/^[a-z]+$/)'),
  },
  'received-format': {
    severity: 'risky',
    meaning: 'Text is no longer of a format.',
    remedy: 'See that no client reads it in that format.',
    breaks: output('z.email()', 'z.string()'),
    passes: output('z.string()', 'z.email()'),
  },
  'received-multiple': {
    severity: 'risky',
    meaning: 'A number is no longer a multiple of another.',
    remedy: 'See that no client counts on it.',
    breaks: output('z.number().multipleOf(4)', 'z.number().multipleOf(2)'),
    passes: output('z.number().multipleOf(2)', 'z.number().multipleOf(4)'),
  },
  'received-length': {
    severity: 'breaking',
    meaning: 'Clients get tuples with more or fewer items than they know.',
    remedy: 'Send what is new beside the tuple, and what was there as before.',
    breaks: output('z.tuple([z.number(), z.number()])', 'z.tuple([z.number(), z.number().optional()])'),
    passes: output('z.tuple([z.number(), z.number().optional()])', 'z.tuple([z.number(), z.number()])'),
  },
  'received-unique': {
    severity: 'risky',
    meaning: 'Items need no longer be different from each other.',
    remedy: 'See that no client takes them for keys.',
    breaks: output('z.array(z.string()).meta({ uniqueItems: true })', 'z.array(z.string())'),
    passes: output('z.array(z.string())', 'z.array(z.string()).meta({ uniqueItems: true })'),
  },
  'received-union': {
    severity: 'breaking',
    meaning: 'Clients get a member of a union that they do not know.',
    remedy: 'Send it where only new clients look: in a new property, a new event, a new procedure.',
    breaks: output(
      "z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') }), z.object({ kind: z.literal('image') })])",
      "z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') }), z.object({ kind: z.literal('sound') })])",
    ),
    passes: output(
      "z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') }), z.object({ kind: z.literal('image') })])",
      "z.discriminatedUnion('kind', [z.object({ kind: z.literal('text') })])",
    ),
  },
  'received-wire-type': {
    severity: 'breaking',
    meaning: 'A type that JSON cannot say (Date, bigint, Map, …) became another type, or another became one.',
    remedy: 'Leave the property as it is, and send the other type in a new one.',
    breaks: output('z.object({ at: z.string() })', 'z.object({ at: z.date() })'),
    passes: output('z.object({ at: z.string() })', 'z.object({ at: z.string(), date: z.date() })'),
  },
  'received-optional': {
    severity: 'breaking',
    meaning: 'A payload may be missing that clients count on.',
    remedy: 'Send it always, as before.',
    breaks: output('z.string()', 'z.string().optional()'),
    passes: output('z.string().optional()', 'z.string()'),
  },
  'received-unclear': {
    severity: 'risky',
    meaning:
      'What clients know is restricted in words that cannot be compared (not, if, patternProperties, a oneOf whose members overlap), and it changed.',
    remedy: 'See that nothing comes that did not before. Or say it in plainer words: a discriminated union.',
    breaks: output("z.string().meta({ not: { const: 'all' } })", 'z.string()'),
    passes: output('z.string()', "z.string().meta({ not: { const: 'all' } })"),
  },
  'received-declared': {
    severity: 'compatible',
    meaning: 'Clients get a payload where there was none. They do not look at it.',
    remedy: 'Nothing to do.',
    breaks: { before: 'procedures: { read: procedure({}) }', after: declared('z.string()') },
    passes: { before: declared('z.string()'), after: declared('z.string()') },
  },
  'received-withdrawn': {
    severity: 'breaking',
    meaning: 'Clients get no payload any more.',
    remedy: 'Go on sending it, until no client reads it.',
    breaks: { before: declared('z.string()'), after: 'procedures: { read: procedure({}) }' },
    passes: { before: 'procedures: { read: procedure({}) }', after: declared('z.string()') },
  },
  'received-narrowed': {
    severity: 'compatible',
    meaning: 'What clients receive has changed, and they know all that may come.',
    remedy: 'Nothing to do.',
    breaks: output('z.object({ id: z.string() })', 'z.object({ id: z.string(), name: z.string() })'),
    passes: output("z.string().describe('What was said.')", 'z.string()'),
  },
} as const satisfies Record<`received-${Exclude<DifferenceKind, 'unknown-property'> | Declared}`, Rule>

type Declared = 'declared' | 'withdrawn' | 'narrowed'
