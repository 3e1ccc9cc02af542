// What it costs to encode the plain message, and payloads with many dates, beside JSON.stringify of the same payload with the
// dates as the texts that they become, which is the least that it can cost. The goal: at most twice as much. And to decode
// them, beside JSON.parse.
//
// In one run, in many short rounds that take turns, so that whatever else the machine does meets all alike. Shown are the
// medians of the times, and of what each is of the first in the same round.
// Build first, then: node bench/encode.mjs [--rounds 401] [--json]
import { parseArgs } from 'node:util'
import superjson from 'superjson'
import { decodePayload, encodePayload } from '@typewire/core/internal'
import { messageBytes, messageNow } from './messages.mjs'

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '401' }, json: { type: 'boolean', default: false } },
})
const rounds = Number(options.rounds)
const warmUps = Math.min(50, rounds)
const sampleMs = 0.5

const startMs = Date.UTC(2026, 10, 21, 9, 30)
const date = (/** @type {number} */ index) => new Date(startMs + index * 61_234)
const words = 'It is as long as people write, and it ends here.'

/** @type {Record<string, unknown>} */
const examples = {
  [`the message of ${messageBytes} bytes, no date`]: messageNow(),
  'one message, 1 date': {
    id: 'm_0123456789abcdef',
    author: 'Ada Lovelace',
    text: `Hello, wire! ${words}`,
    sentAt: date(0),
  },
  '50 messages, 2 dates each': {
    messages: list(50, (n) => ({
      id: `m_${n}`,
      author: 'Ada Lovelace',
      text: `${n}. ${words}`,
      sentAt: date(n),
      editedAt: date(n + 5),
    })),
  },
  '50 messages to be escaped, 2 dates each': {
    messages: list(50, (n) => ({
      id: `m_${n}`,
      author: 'Ada "Countess"',
      text: `${n}.\n${words}`,
      sentAt: date(n),
      editedAt: date(n + 5),
    })),
  },
  '500 rows of a number and a date': list(500, (n) => ({ id: n, at: date(n) })),
  '1 date behind 1,000 plain rows': {
    rows: list(1_000, (n) => ({ id: n, share: n / 7, name: `row ${n}` })),
    at: date(0),
  },
  '1 date behind 10,000 numbers': { rows: list(10_000, (n) => n / 7), at: date(0) },
  '500 dates and nothing else': list(500, date),
}

/**
 * @template T
 * @param {number} length
 * @param {(index: number) => T} make
 */
function list(length, make) {
  return Array.from({ length }, (_, index) => make(index))
}

/**
 * The payload as it would be without dates: as JSON has it.
 *
 * @param {unknown} payload
 * @returns {unknown}
 */
const twinOf = (payload) => JSON.parse(JSON.stringify(payload))

const isDate = (/** @type {unknown} */ value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value)
// Made of JSON, so that each text is one piece, as those of a database or of a client are.
const payloads = Object.fromEntries(
  Object.entries(examples).map(([name, example]) => [
    name,
    /** @type {unknown} */ (
      JSON.parse(JSON.stringify(example), (_, value) => (isDate(value) ? new Date(value) : value))
    ),
  ]),
)

/** @type {Record<string, (payload: unknown, twin: unknown) => string>} */
const contenders = {
  'JSON.stringify, twin': (_, twin) => JSON.stringify(twin),
  'JSON.stringify, dates': (payload) => JSON.stringify(payload),
  'Typewire, twin': (_, twin) => textOf(twin),
  'Typewire, dates': (payload) => textOf(payload),
  'superjson, dates': (payload) => superjson.stringify(payload),
}

/**
 * Each is given a text, and what it was made of.
 *
 * @type {Record<string, (texts: { plain: string, typewire: string, superjson: string }) => unknown>}
 */
const decoders = {
  'JSON.parse, twin': ({ plain }) => JSON.parse(plain),
  'Typewire, decoded': ({ typewire }) => {
    const [, json, annotations] = JSON.parse(typewire)
    return decodePayload(json, annotations)
  },
  'superjson, decoded': (texts) => superjson.parse(texts.superjson),
}

/** @param {unknown} payload */
function textOf(payload) {
  const encoded = encodePayload(payload)
  if (typeof encoded !== 'string') throw new TypeError('It has bytes.')
  return encoded
}

let sink = 0
/**
 * Runs it, and reads of the text: a text that was put together of pieces is made whole only then.
 *
 * @param {() => unknown} once
 */
function run(once) {
  const made = once()
  sink += typeof made === 'string' ? made.charCodeAt(made.length - 1) : Number(made !== undefined)
}

/**
 * @param {() => unknown} once
 * @param {number} times
 */
function microseconds(once, times) {
  const from = process.hrtime.bigint()
  for (let i = 0; i < times; i++) run(once)
  return Number(process.hrtime.bigint() - from) / 1_000 / times
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

// A process that encodes one shape alone is faster than any that is in use.
for (const shape of list(200, (n) => ({ [`a${n % 40}`]: date(n), [`b${n}`]: { n, list: [n, `${n}`] } }))) {
  for (const encode of Object.values(contenders))
    for (let i = 0; i < Math.min(20, warmUps); i++) run(() => encode(shape, twinOf(shape)))
}

const cases = Object.entries(payloads).flatMap(([name, payload]) => {
  const twin = twinOf(payload)
  const texts = {
    plain: JSON.stringify(twin),
    typewire: `[0${textOf(payload)}]`,
    superjson: superjson.stringify(payload),
  }
  return [
    ...Object.entries(contenders).map(([contender, encode]) => ({ contender, once: () => encode(payload, twin) })),
    ...Object.entries(decoders).map(([contender, decode]) => ({ contender, once: () => decode(texts) })),
  ].map(({ contender, once }) => {
    microseconds(once, warmUps)
    const times = Math.max(1, Math.round((sampleMs * 1_000) / microseconds(once, Math.min(20, warmUps))))
    return { name, contender, once, times, samples: /** @type {number[]} */ ([]) }
  })
})
for (let round = 0; round < rounds; round++) {
  for (const { once, times, samples } of cases) samples.push(microseconds(once, times))
}

/** @param {string} contender */
const leastOf = (contender) => (contender in decoders ? 'JSON.parse, twin' : 'JSON.stringify, twin')

/** @type {Record<string, Record<string, { us: number, ratio: number }>>} */
const results = {}
for (const { name, contender, samples } of cases) {
  const least = cases.find((each) => each.name === name && each.contender === leastOf(contender))
  const ratio = median(samples.map((sample, round) => sample / (least?.samples[round] ?? Number.NaN)))
  const result = (results[name] ??= {})
  result[contender] = { us: median(samples), ratio }
}
if (options.json) console.log(JSON.stringify(results))
else {
  for (const [name, result] of Object.entries(results)) {
    console.log(name)
    for (const [contender, { us, ratio }] of Object.entries(result)) {
      const times = contender === leastOf(contender) ? '' : `  × ${ratio.toFixed(2)}`
      console.log(`  ${contender.padEnd(22)} ${us.toFixed(2).padStart(9)} µs${times}`)
    }
  }
}
if (sink === 0) console.log('nothing was encoded')
