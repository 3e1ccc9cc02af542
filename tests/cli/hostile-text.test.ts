import { spawnSync } from 'node:child_process'
import type { ContractSnapshot, JsonSchema } from '@typewire/core/snapshot'
import { transform } from 'esbuild'
import { expect, test } from 'vitest'
import { asyncApi } from '../../packages/cli/src/generate/asyncapi.ts'
import { docs } from '../../packages/cli/src/generate/docs.ts'
import { headerOf } from '../../packages/cli/src/generate/generator.ts'
import { jsonSchema } from '../../packages/cli/src/generate/json-schema.ts'
import { python } from '../../packages/cli/src/generate/python/python.ts'
import { typescript } from '../../packages/cli/src/generate/typescript/typescript.ts'
import { canSkip, python as interpreter } from './generate-python/python.ts'

// A snapshot may come from anybody. Whatever its texts are, what is generated has them as text.

const code = 'PWNED()'
/** Ends whatever it may stand in, and says something else. */
const hostile = [
  ...[
    '\n',
    '\r',
    '\r\n',
    '\u2028',
    '\u2029',
    '\u0085',
    '\f',
    '\v',
    '\0',
    '"',
    '"""',
    "'",
    '`',
    '*/',
    '\\',
    '\\"""',
  ].map((end) => `x${end}${code}${end}# class PWNED = 1`),
  `--><script>${code}</script>`,
  `---><script>${code}</script>`,
  `</script><script>${code}</script><img src=x onerror=${code}>`,
  `\${${code}}`,
  `x"""\n${code}\n"""`,
  `x\n    ${code}\n# 😀 é`,
  '2 names',
  '"',
]
const all = hostile.join('')

function snapshotWith(text: string): ContractSnapshot {
  const told = { description: text, deprecated: text }
  const rich: JsonSchema = { 'x-typewire-type': 'bigint', type: 'string', const: text }
  const object: JsonSchema = {
    type: 'object',
    description: text,
    properties: {
      [text]: { type: 'string', description: text, format: text, pattern: text, default: text },
      text: { type: 'string', pattern: text },
      some: { enum: [text, 1] },
      only: { const: text },
      rich,
      date: { 'x-typewire-type': 'Date', type: 'string', 'x-typewire-minimum': text },
      other: { 'x-typewire-type': text },
      strange: { type: text },
      tags: { anyOf: [{ type: 'object', properties: { kind: { const: text } } }, { $ref: `#/$defs/${text}` }] },
      record: { type: 'object', additionalProperties: rich, propertyNames: { enum: [text] } },
    },
    required: [text],
  }
  const names = { type: 'object', properties: { plain: { type: 'string', description: text, format: text } } } as const
  return {
    typewire: 1,
    name: text,
    fingerprint: text,
    $defs: { [text]: object, Alias: { type: 'string', description: text, pattern: text }, Names: names },
    auth: object,
    procedures: {
      send: {
        ...told,
        input: object,
        output: object,
        errors: { [text]: object, NONE: null },
        timeoutMs: text as never,
      },
    },
    streams: { watch: { ...told, items: object } },
    events: {
      toServer: { up: { ...told, payload: object, ack: object } },
      toClient: { down: { ...told, payload: rich } },
    },
    rooms: { room: { ...told, params: object, presence: { given: object, seen: names } } },
    namespaces: { inner: { procedures: { ask: { ...told, output: { enum: [text] } } } } },
  }
}

const made = (out: string, snapshot: ContractSnapshot) => ({
  out,
  header: headerOf('x', `some\nfile ${all}`, snapshot),
})

test.each([...hostile, all])('%j is text in TypeScript', async (text) => {
  const snapshot = snapshotWith(text)
  const files = typescript.generate(snapshot, made('a.js', snapshot), {})
  for (const [path, source] of Object.entries(files)) {
    const plain = await transform(source, { loader: path.endsWith('.js') ? 'js' : 'ts', minifyWhitespace: true })
    // The fingerprint is a text of the module.
    expect(
      plain.code.replaceAll(/(?:fingerprint=)(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)/gs, ''),
    ).not.toContain('PWNED()')
  }
})

const reads = `
import ast, sys
tree = ast.parse(sys.stdin.buffer.read())
calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PWNED"]
names = [node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)]
sys.exit(len(calls))
`

test.skipIf(canSkip).each([...hostile, all])('%j is text in Python', (text) => {
  const snapshot = snapshotWith(text)
  const files = python.generate(snapshot, made('made', snapshot), {})
  for (const [path, source] of Object.entries(files)) {
    if (path.includes('typewire_runtime') || !path.endsWith('.py')) continue
    const read = spawnSync(interpreter!, ['-c', reads], { input: source, encoding: 'utf8' })
    expect([path, read.status, read.stderr]).toEqual([path, 0, ''])
  }
  expect(files['made/__init__.py']).not.toContain(' as PWNED')
})

test.each([...hostile, all])('%j is text in a page and in JSON', (text) => {
  const snapshot = snapshotWith(text)
  const page = docs.generate(snapshot, made('a.html', snapshot), {})['a.html']!
  const comment = /<!--(.*?)-->/s.exec(page)![1]!
  expect(comment).toContain('Do not edit')
  expect(page.replace(comment, '')).not.toMatch(/<script>PWNED|<img src/)
  for (const generator of [asyncApi, jsonSchema])
    for (const json of Object.values(generator.generate(snapshot, made('a.json', snapshot), {}))) JSON.parse(json)
})

test('what JSON has as one sign is one in Python', () => {
  const snapshot: ContractSnapshot = {
    typewire: 1,
    fingerprint: 'x',
    procedures: { p: { output: { const: '😀é' } } },
  }
  expect(python.generate(snapshot, made('a.py', snapshot), {})['a.py']).toContain('Literal["\\U0001f600\\u00e9"]')
})
