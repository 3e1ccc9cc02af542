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
          const refused = [
            ...(sent ? refusedBy(takes(zodOf(after, 'input')), valuesOf(before, 'input'), seed) : []),
            ...(received ? refusedBy(takes(zodOf(before, 'output')), valuesOf(after, 'output'), seed) : []),
          ]
          expect(refused).toEqual([])
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
          const taking = validator(after, after.procedures!['put']!.input!)
          const knowing = validator(before, before.procedures!['get']!.output!)
          const refused = [
            ...(sent ? refusedBy(taking, valuesOf(change.before, 'input'), seed) : []),
            ...(received ? refusedBy(knowing, valuesOf(change.after, 'output'), seed) : []),
          ]
          expect(refused).toEqual([])
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
        expect(refusedBy(takes(zodOf(spec, 'input')), valuesOf(spec, 'input'), seed)).toEqual([])
        expect(refusedBy(takes(zodOf(spec, 'output')), valuesOf(spec, 'output'), seed)).toEqual([])
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
        const { found } = await compared(before, after)
        expect(found.filter((one) => !isWhole(one))).toEqual([])
      }),
      { numRuns },
    )
  },
  timeoutMs,
)

const isWhole = ({ path, reason, remedy }: Finding) =>
  /^procedures\.(put\.input|get\.output)/.test(path) &&
  /^[A-Z].+\.$/.test(reason) &&
  !/undefined|NaN|\[object/.test(reason.replaceAll(/(?<=(send|take|,|or) )undefined\b/g, 'nothing')) &&
  remedy !== ''

type Takes = (value: unknown) => string | undefined

const valuesPerPair = 12

/** Of values, those that are not taken, and why. */
function refusedBy(why: Takes, values: fc.Arbitrary<unknown>, seed: number): readonly string[] {
  return fc.sample(values, { numRuns: valuesPerPair, seed }).flatMap((value) => {
    const problem = why(value)
    return problem === undefined ? [] : [`${fc.stringify(value)}: ${problem}`]
  })
}

const takes =
  (schema: ReturnType<typeof zodOf>): Takes =>
  (value) =>
    schema.safeParse(value).error?.message

function validator({ $defs = {} }: ContractSnapshot, schema: JsonSchema): Takes {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  const whole = { $defs, ...(schema as object) } // compiled at the first value, if there is one
  return (value) => (ajv.validate(whole, value) ? undefined : ajv.errorsText())
}

/** Its definitions have other names. */
function renamed(snapshot: ContractSnapshot): ContractSnapshot {
  const text = JSON.stringify(snapshot).replaceAll('"#/$defs/', '"#/$defs/Other')
  const { $defs, ...rest } = JSON.parse(text) as ContractSnapshot
  const entries = Object.entries($defs ?? {}).map(([name, schema]) => [`Other${name}`, schema])
  return { ...rest, $defs: Object.fromEntries(entries) }
}
