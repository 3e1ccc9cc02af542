import fc from 'fast-check'
import ts from 'typescript'
import { expect, test } from 'vitest'
import type { ContractSnapshot } from '@typewire/core/snapshot'
import { headerOf } from '../../packages/cli/src/generate/generator.ts'
import { typescript } from '../../packages/cli/src/generate/typescript/typescript.ts'

// A snapshot may be of anybody's making: whatever its texts are, what is generated is declarations, and nothing more. Here
// lies a TypeScript that has a parser in JavaScript.

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '*/',
    '*/ evil()',
    '\n',
    '\r\nevil()',
    '\u2028evil()',
    "'",
    '"',
    '`',
    '\\',
    '${evil()}',
    '__proto__',
    'a\u0000',
    '}',
  ),
)
const schema: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    fc.record(
      { type: fc.constantFrom('string', 'number'), description: text, format: text, pattern: text, default: text },
      { requiredKeys: [] },
    ),
    fc.record({
      const: fc.oneof(text, fc.double(), fc.dictionary(text, text, { maxKeys: 2 })),
      'x-typewire-type': fc.oneof(text, fc.constant('bigint')),
    }),
    fc.record({ enum: fc.array(text, { minLength: 1, maxLength: 3 }) }),
    fc.record({ $ref: text.map((name) => `#/$defs/${name}`) }),
    fc.record({
      type: fc.constant('object'),
      properties: fc.dictionary(text, tie('schema'), { maxKeys: 3 }),
      description: text,
    }),
    fc.record({ type: fc.constant('object'), additionalProperties: tie('schema'), propertyNames: tie('schema') }),
    fc.record({ anyOf: fc.array(tie('schema'), { maxLength: 3 }), allOf: fc.array(tie('schema'), { maxLength: 2 }) }),
    fc.record({
      type: fc.constant('array'),
      prefixItems: fc.array(tie('schema'), { maxLength: 3 }),
      items: tie('schema'),
    }),
    fc.record({
      type: fc.constant('array'),
      'x-typewire-type': fc.constantFrom('map', 'set'),
      items: tie('schema'),
      readOnly: fc.boolean(),
    }),
  ),
})).schema
const names = <T>(of: fc.Arbitrary<T>) => fc.dictionary(text, of, { maxKeys: 3 })
const snapshot = fc.record({
  typewire: fc.constant(1),
  name: text,
  fingerprint: text,
  $defs: names(schema),
  procedures: names(
    fc.record(
      { input: schema, output: schema, errors: names(fc.option(schema)), description: text, deprecated: text },
      { requiredKeys: [] },
    ),
  ),
  events: fc.record({ toClient: names(fc.record({ payload: schema }, { requiredKeys: [] })) }),
  rooms: names(
    fc.record({ params: schema, presence: fc.record({ given: schema, seen: schema }) }, { requiredKeys: [] }),
  ),
  namespaces: names(fc.record({ auth: schema }, { requiredKeys: [] })),
})

/** TypeScript keeps it to itself in its types. */
interface Parsed {
  readonly parseDiagnostics: readonly ts.Diagnostic[]
}

/** What stands at the top of a module, and what is wrong with its text. */
function statementsOf(fileName: string, code: string) {
  const source = ts.createSourceFile(fileName, code, ts.ScriptTarget.ES2022)
  const { statements, parseDiagnostics } = source as typeof source & Parsed
  return {
    problems: parseDiagnostics.map(({ messageText }) => messageText),
    kinds: new Set(statements.map(({ kind }) => ts.SyntaxKind[kind])),
  }
}

const declarations = [
  'FunctionDeclaration',
  'ImportDeclaration',
  'InterfaceDeclaration',
  'TypeAliasDeclaration',
  'FirstStatement',
  'VariableStatement',
]

test('whatever the texts of a snapshot are, what is generated is declarations', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(snapshot, (json) => {
      // Not by the command line: what it reads is checked before, and much of this would be refused there.
      const given = JSON.parse(JSON.stringify(json)) as ContractSnapshot
      const files = typescript.generate(given, { out: 'client.js', header: headerOf('typescript', 'x', given) }, {})
      const types = statementsOf('client.d.ts', files['client.d.ts']!)
      expect(types.problems).toEqual([])
      expect([...types.kinds].filter((kind) => !declarations.includes(kind))).toEqual([])
      const module = statementsOf('client.js', files['client.js']!)
      expect(module.problems).toEqual([])
      expect([...module.kinds].sort()).toEqual(['FirstStatement', 'FunctionDeclaration', 'ImportDeclaration'])
    }),
    { numRuns: 150 },
  )
})
