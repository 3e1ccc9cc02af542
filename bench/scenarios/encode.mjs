// The plain message, and payloads with dates, as text and back, in a process of its own: ../encode.mjs, which has its own rounds, of half a
// millisecond each.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const script = fileURLToPath(new URL('../encode.mjs', import.meta.url))

/** @type {Record<string, [contender: string, what: 'us' | 'ratio']>} */
const sources = {
  stringify: ['JSON.stringify, twin', 'us'],
  typewire: ['Typewire, dates', 'ratio'],
  plain: ['Typewire, twin', 'ratio'],
  superjson: ['superjson, dates', 'ratio'],
  parse: ['JSON.parse, twin', 'us'],
  typewireBack: ['Typewire, decoded', 'ratio'],
  superjsonBack: ['superjson, decoded', 'ratio'],
}

/** @type {import('../types.ts').LoneScenario<{ samples: number }>} */
export const encode = {
  name: 'encode',
  title: 'Payloads to text and back, beside JSON without dates',
  sizes: {
    full: { rounds: 1, samples: 401 },
    quick: { rounds: 1, samples: 41 },
    smoke: { rounds: 1, samples: 1 },
  },
  metrics: {
    stringify: { title: 'JSON.stringify', unit: 'µs', best: 'least' },
    typewire: { title: 'Typewire, of that', unit: 'times', best: 'least' },
    plain: { title: 'Typewire without dates, of that', unit: 'times', best: 'least' },
    superjson: { title: 'superjson, of that', unit: 'times', best: 'least' },
    parse: { title: 'JSON.parse', unit: 'µs', best: 'least' },
    typewireBack: { title: 'Typewire, of that', unit: 'times', best: 'least' },
    superjsonBack: { title: 'superjson, of that', unit: 'times', best: 'least' },
  },
  async rows({ samples }, _peers, { nodeOptions }) {
    const args = [...nodeOptions, script, '--json', '--rounds', String(samples)]
    const { stdout } = await promisify(execFile)(process.execPath, args)
    /** @type {Record<string, Record<string, { us: number, ratio: number }>>} */
    const results = JSON.parse(stdout)
    return Object.fromEntries(
      Object.entries(results).map(([payload, result]) => [
        payload,
        Object.fromEntries(
          Object.entries(sources).map(([metric, [contender, what]]) => [
            metric,
            result[contender]?.[what] ?? Number.NaN,
          ]),
        ),
      ]),
    )
  },
}
