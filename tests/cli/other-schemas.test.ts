import { defineContract, procedure, type Schema } from '@typewire/core'
import { describeContract } from '@typewire/core/snapshot'
import { toStandardJsonSchema } from '@valibot/to-json-schema'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'

async function describePayload(schema: Schema) {
  const { procedures } = await describeContract(
    defineContract({ procedures: { p: procedure({ input: schema, output: schema }) } }),
  )
  return procedures!['p']!
}

const date = { type: 'string', format: 'date-time', 'x-typewire-type': 'Date' }
const bigint = { type: 'string', pattern: '^-?\\d+$', 'x-typewire-type': 'bigint' }
const url = { type: 'string', format: 'uri', 'x-typewire-type': 'URL' }
const object = {
  type: 'object',
  properties: { at: date, id: bigint, link: url, text: { type: 'string', minLength: 2 } },
  required: ['at', 'id', 'link', 'text'],
}

test('schemas of valibot are described, with what JSON cannot say (PL-3)', async () => {
  const schema = v.object({
    at: v.date(),
    id: v.bigint(),
    link: v.instance(URL),
    text: v.pipe(v.string(), v.minLength(2)),
  })
  expect(await describePayload(toStandardJsonSchema(schema))).toEqual({ input: object, output: object })
})

test('schemas of arktype are described, with what JSON cannot say (PL-3)', async () => {
  const schema = type({ at: 'Date', id: 'bigint', link: 'URL', text: 'string >= 2' })
  expect(await describePayload(schema)).toEqual({ input: object, output: object })
  const { input } = await describePayload(type('Date').laterThan(new Date(0)))
  expect(input).toMatchObject({ 'x-typewire-type': 'Date', 'x-typewire-minimum': expect.any(String) as string })
})

describe('what they cannot tell is said', () => {
  test.each<[string, Schema, string]>([
    ['valibot as it is', v.string(), 'Wrap it: toStandardJsonSchema(schema), of @valibot/to-json-schema.'],
    [
      'a map of valibot',
      toStandardJsonSchema(v.map(v.string(), v.date())),
      'valibot cannot tell its JSON Schema: The "map" schema',
    ],
    [
      'a transform of valibot',
      toStandardJsonSchema(v.pipe(v.string(), v.transform(Number))),
      'procedures.p.output: valibot cannot tell',
    ],
    ['a symbol of arktype', type({ it: 'symbol' }), 'procedures.p.input: a symbol cannot travel.'],
  ])('%s', async (_, schema, problem) => {
    await expect(describePayload(schema)).rejects.toThrow(problem)
  })
})
