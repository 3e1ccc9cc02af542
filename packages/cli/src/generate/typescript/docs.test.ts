import { expect, test } from 'vitest'
import { docOfDefinition, docOfSchema } from './docs.ts'
import { docText, keyText, quoted } from './text.ts'

test.each([
  [{}, []],
  [{ description: 'A name.' }, ['A name.']],
  [{ type: 'string', minLength: 1, maxLength: 1 }, ['1 character.']],
  [{ type: 'string', minLength: 2 }, ['At least 2 characters.']],
  [{ type: 'string', format: 'email', pattern: '^.+@' }, ['Format: email.']],
  [{ type: 'string', pattern: '^a$' }, ['Matches `^a$`.']],
  [{ type: 'string', pattern: 'a'.repeat(61) }, []],
  [{ type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 }, ['A whole number.']],
  [{ type: 'number', minimum: 0, exclusiveMaximum: 1 }, ['At least 0. Less than 1.']],
  [
    { type: 'array', minItems: 1, items: { type: 'string', maxLength: 3 } },
    ['At least 1 item. Each: at most 3 characters.'],
  ],
  [{ type: 'array', 'x-typewire-type': 'map', maxItems: 2 }, ['At most 2 entries.']],
  [{ type: 'string', format: 'date-time', 'x-typewire-type': 'Date' }, []],
  [{ type: 'string', 'x-typewire-type': 'bigint', 'x-typewire-exclusive-minimum': '0' }, ['More than 0.']],
  [{ type: 'boolean', default: false }, ['Default: `false`.']],
  [{ description: 'Old.', default: {}, deprecated: true }, ['Old.', 'Default: `{}`.', '@deprecated']],
])('docOfSchema says of %j: %j', (schema, lines) => expect(docOfSchema(schema)).toEqual(lines))

test('docOfDefinition says what to use in its place', () => {
  expect(docOfDefinition({ description: 'Sends.', deprecated: 'say' })).toEqual(['Sends.', '@deprecated say'])
  expect(docOfDefinition({ deprecated: true })).toEqual(['@deprecated'])
  expect(docOfDefinition({})).toEqual([])
})

test('docText stays within its comment', () => {
  expect(docText([])).toBe('')
  expect(docText(['Ends: */ here'])).toBe('/** Ends: *\\/ here */\n')
  expect(docText(['One\r\n*/ two\u2028three', ''])).toBe('/**\n * One\n * *\\/ two\n * three\n *\n */\n')
})

test.each([
  ['a', "'a'"],
  ["it's", '"it\'s"'],
  [`"it's"`, `'"it\\'s"'`],
  ['\\"\n\u2028', `'\\\\"\\n\\u2028'`],
])('quoted writes %j as %s', (text, literal) => expect(quoted(text)).toBe(literal))

test.each([
  ['class', 'class'],
  ['$a_1', '$a_1'],
  ['1a', "'1a'"],
  ['a-b', "'a-b'"],
  ['', "''"],
])('keyText writes %j as %s', (name, key) => expect(keyText(name)).toBe(key))
