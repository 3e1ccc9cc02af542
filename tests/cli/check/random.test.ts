// What is called compatible is: values of random schemas, changed at random, pass where the comparison says that they do.

import { defineContract, procedure } from '@typewire/core'
import {
  compareSnapshots,
  type ContractSnapshot,
  describeContract,
  type Finding,
  type JsonSchema,
} from '@typewire/core/snapshot'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mutated, mutations } from './mutations.ts'
import { isBeyondJson, isFinite, recursiveSpecs, type Spec, specs } from './random-schemas.ts'
import { valuesOf, zodOf } from './schema-values.ts'

/** More for a long search: `CHECK_RUNS=20000 npx vitest run tests/cli/check/random.test.ts`. */
const numRuns = Number(process.env['CHECK_RUNS'] ?? 300)
const timeoutMs = 60_000 + numRuns * 60

const changes = fc
  .tuple(fc.oneof({ weight: 3, arbitrary: specs }, { weight: 1, arbitrary: recursiveSpecs }), mutations)
  .map(([before, made]) => ({ before, after: mutated(before, made) }))
  .filter(({ before, after }) => isFinite(before) && isFinite(after))

/** Of the values: others do not make a counterexample smaller. */
const seeds = fc.noShrink(fc.nat())

/** A contract that takes it, and one that gives it. */
function snapshotOf(spec: Spec): Promise<ContractSnapshot> {
  const schema = zodOf(spec)
  return describeContract(
    defineContract({ procedures: { put: procedure({ input: schema }), get: procedure({ output: schema }) } }),
  )
}

async function compared(before: Spec, after: Spec) {
  const snapshots = { before: await snapshotOf(before), after: await snapshotOf(after) }
  const found = compareSnapshots(snapshots.before, snapshots.after)
  const isQuiet = (path: string) => found.every((one) => one.severity === 'compatible' || !one.path.startsWith(path))
  return { ...snapshots, found, sent: isQuiet('procedures.put'), received: isQuiet('procedures.get') }
}

describe('what is called compatible is', () => {
  test(
    'for who takes it with zod',
    async () => {
      const counts = { pairs: 0, quiet: 0 }
      await fc.assert(
        fc.asyncProperty(changes, seeds, async ({ before, after }, seed) => {
          const { sent, received } = await compared(before, after)
          counts.pairs += 2
          counts.quiet += Number(sent) + Number(received)
          if (sent) for (const value of sample(valuesOf(before, 'input'), seed)) takes(zodOf(after, 'input'), value)
          if (received)
            for (const value of sample(valuesOf(after, 'output'), seed)) takes(zodOf(before, 'output'), value)
        }),
        { numRuns },
      )
      // Silence must be common enough to be tried.
      expect(counts.quiet / counts.pairs).toBeGreaterThan(0.1)
    },
    timeoutMs,
  )

  test(
    'for who takes it by the JSON Schema alone',
    async () => {
      const json = changes.filter(({ before, after }) => !isBeyondJson(before) && !isBeyondJson(after))
      await fc.assert(
        fc.asyncProperty(json, seeds, async (change, seed) => {
          const { before, after, sent, received } = await compared(change.before, change.after)
          if (sent) {
            const taken = validator(after, after.procedures!['put']!.input!)
            for (const value of sample(valuesOf(change.before, 'input'), seed)) expect(taken(value)).toEqual([])
          }
          if (received) {
            const known = validator(before, before.procedures!['get']!.output!)
            for (const value of sample(valuesOf(change.after, 'output'), seed)) expect(known(value)).toEqual([])
          }
        }),
        { numRuns },
      )
    },
    timeoutMs,
  )
})

test(
  'the values are of the schemas that they are made for',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(specs, recursiveSpecs), seeds, async (spec, seed) => {
        for (const value of sample(valuesOf(spec, 'input'), seed)) takes(zodOf(spec, 'input'), value)
        for (const value of sample(valuesOf(spec, 'output'), seed)) takes(zodOf(spec, 'output'), value)
      }),
      { numRuns },
    )
  },
  timeoutMs,
)

test(
  'a contract and itself have no difference, however its definitions are called',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(specs, recursiveSpecs), async (spec) => {
        const snapshot = await snapshotOf(spec)
        expect(compareSnapshots(snapshot, await snapshotOf(spec))).toEqual([])
        expect(compareSnapshots(snapshot, renamed(snapshot))).toEqual([])
      }),
      { numRuns },
    )
  },
  timeoutMs,
)

test(
  'whatever is found has a path, a reason and a remedy',
  async () => {
    await fc.assert(
      fc.asyncProperty(changes, async ({ before, after }) => {
        for (const one of (await compared(before, after)).found) expectWhole(one)
      }),
      { numRuns },
    )
  },
  timeoutMs,
)

function expectWhole({ path, reason, remedy }: Finding): void {
  expect(path).toMatch(/^procedures\.(put\.input|get\.output)/)
  expect(reason).toMatch(/^[A-Z].+\.$/)
  expect(reason).not.toMatch(/undefined|NaN|\[object/)
  expect(remedy).not.toBe('')
}

const valuesPerPair = 12

function sample(values: fc.Arbitrary<unknown>, seed: number): readonly unknown[] {
  return fc.sample(values, { numRuns: valuesPerPair, seed })
}

function takes(schema: ReturnType<typeof zodOf>, value: unknown): void {
  const { error } = schema.safeParse(value)
  if (error) throw new Error(`refused: ${fc.stringify(value)}: ${error.message}`)
}

/** Gives what is wrong with a value. */
function validator({ $defs = {} }: ContractSnapshot, schema: JsonSchema): (value: unknown) => readonly unknown[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  const validate = ajv.compile({ $defs, ...(schema as object) })
  return (value) => (validate(value) ? [] : [{ value, errors: validate.errors }])
}

/** Its definitions have other names. */
function renamed(snapshot: ContractSnapshot): ContractSnapshot {
  const text = JSON.stringify(snapshot).replaceAll('"#/$defs/', '"#/$defs/Other')
  const { $defs, ...rest } = JSON.parse(text) as ContractSnapshot
  const entries = Object.entries($defs ?? {}).map(([name, schema]) => [`Other${name}`, schema])
  return { ...rest, $defs: Object.fromEntries(entries) }
}
