// What zod refuses, and its JSON Schema does not say, is compared all the same.

import { defineContract, procedure } from '@typewire/core'
import { compareSnapshots, describeContract } from '@typewire/core/snapshot'
import { expect, test } from 'vitest'
import { z } from 'zod'

async function rulesOf(before: z.ZodType, after: z.ZodType, direction: 'input' | 'output') {
  const of = (it: z.ZodType) =>
    describeContract(defineContract({ procedures: { p: procedure({ [direction]: z.object({ it }) }) } }))
  const found = compareSnapshots(await of(before), await of(after))
  return found.filter(({ severity }) => severity !== 'compatible').map(({ rule }) => rule)
}

/** Each `narrow` refuses what its `wide` takes. */
test.each<[string, z.ZodType, z.ZodType, string]>([
  ['a pattern with flags', z.string(), z.string().regex(/^a/i), 'unclear'],
  ['the protocol of a URL', z.url(), z.url({ protocol: /^https$/ }), 'unclear'],
  ['the host of a URL', z.url(), z.url({ hostname: /^a$/ }), 'unclear'],
  ['the algorithm of a token', z.jwt(), z.jwt({ alg: 'HS256' }), 'unclear'],
  ['the greatest size of a file', z.file().max(10), z.file().max(9), 'bound'],
  ['the least size of a file', z.file(), z.file().min(1), 'bound'],
  ['the type of a file', z.file(), z.file().mime('image/png'), 'value'],
  ['the types of a file', z.file().mime(['image/png', 'a/b']), z.file().mime('image/png'), 'value'],
  ['a bigint of 64 bits', z.bigint(), z.int64(), 'bound'],
  ['a bigint of 64 bits without sign', z.bigint(), z.uint64(), 'bound'],
])('%s', async (_, wide, narrow, kind) => {
  expect(new Set(await rulesOf(wide, narrow, 'input'))).toEqual(new Set([`sent-${kind}`]))
  expect(await rulesOf(narrow, wide, 'input')).toEqual([])
  expect(new Set(await rulesOf(narrow, wide, 'output'))).toEqual(new Set([`received-${kind}`]))
  expect(await rulesOf(wide, narrow, 'output')).toEqual([])
})

/** Only where it is given: what comes out is the same, or less. */
test.each<[string, z.ZodType, z.ZodType, string]>([
  ['what is coerced', z.coerce.number(), z.number(), 'type'],
  ['what is coerced to a date', z.coerce.date(), z.date(), 'type'],
  ['what is coerced to a boolean', z.coerce.boolean(), z.boolean(), 'type'],
  ['the bound of what is coerced', z.coerce.number().max(9), z.coerce.number().max(8), 'bound'],
  ['what is caught', z.string().catch('x'), z.string(), 'type'],
  ['text that is a boolean', z.string(), z.stringbool(), 'unclear'],
  ['a class of bytes', z.instanceof(Uint8Array), z.instanceof(Buffer), 'unclear'],
])('%s', async (_, wide, narrow, kind) => {
  const found = await rulesOf(wide, narrow, 'input')
  expect(found.length).toBeGreaterThan(0)
  expect(found).toContain(`sent-${kind}`)
  expect(await rulesOf(narrow, wide, 'input')).toEqual([])
})

test('text may be what is coerced, or may not', async () => {
  expect(await rulesOf(z.string(), z.coerce.number(), 'input')).toEqual(['sent-unclear'])
  expect(await rulesOf(z.string(), z.coerce.boolean(), 'input')).toEqual([])
})

test('a pattern is another with other flags', async () => {
  const [plain, flagged] = [z.string().regex(/^a/), z.string().regex(/^a/i)]
  expect(await rulesOf(flagged, plain, 'input')).toEqual(['sent-pattern'])
  expect(await rulesOf(plain, flagged, 'input')).toEqual(['sent-unclear'])
  expect(await rulesOf(flagged, plain.regex(/b/), 'output')).toEqual(['received-unclear'])
  expect(await rulesOf(flagged, flagged, 'input')).toEqual([])
})
