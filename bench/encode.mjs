// What it costs to encode payloads with many dates, beside JSON.stringify of the same payload with the dates as the
// texts that they become, which is the least that it can cost. The goal: at most twice as much.
//
// In one run, in many short rounds that take turns, so that whatever else the machine does meets all alike. Shown are the
// medians of the times, and of what each is of the first in the same round.
// Build first, then: node bench/encode.mjs
import superjson from 'superjson'
import { encodePayload } from '@typewire/core/internal'

const rounds = 401
const sampleMs = 0.5

const startMs = Date.UTC(2026, 10, 21, 9, 30)
const date = (/** @type {number} */ index) => new Date(startMs + index * 61_234)
const words = 'It is as long as people write, and it ends here.'

/** @type {Record<string, unknown>} */
const examples = {
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
 * @param {() => string} encode
 */
function run(encode) {
  const text = encode()
  sink += text.charCodeAt(text.length - 1)
}

/**
 * @param {() => string} encode
 * @param {number} times
 */
function microseconds(encode, times) {
  const from = process.hrtime.bigint()
  for (let i = 0; i < times; i++) run(encode)
  return Number(process.hrtime.bigint() - from) / 1_000 / times
}

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

// A process that encodes one shape alone is faster than any that is in use.
for (const shape of list(200, (n) => ({ [`a${n % 40}`]: date(n), [`b${n}`]: { n, list: [n, `${n}`] } }))) {
  for (const encode of Object.values(contenders)) for (let i = 0; i < 20; i++) run(() => encode(shape, twinOf(shape)))
}

const cases = Object.entries(payloads).flatMap(([name, payload]) => {
  const twin = twinOf(payload)
  return Object.entries(contenders).map(([contender, encode]) => {
    const once = () => encode(payload, twin)
    microseconds(once, 50)
    const times = Math.max(1, Math.round((sampleMs * 1_000) / microseconds(once, 20)))
    return { name, contender, once, times, samples: /** @type {number[]} */ ([]) }
  })
})
for (let round = 0; round < rounds; round++) {
  for (const { once, times, samples } of cases) samples.push(microseconds(once, times))
}

for (const name of Object.keys(payloads)) {
  const [least, ...others] = cases.filter((each) => each.name === name)
  if (!least) continue
  console.log(`${name}\n  ${least.contender.padEnd(22)} ${median(least.samples).toFixed(2).padStart(9)} µs`)
  for (const { contender, samples } of others) {
    const us = median(samples).toFixed(2)
    const ratio = median(samples.map((sample, round) => sample / (least.samples[round] ?? Number.NaN))).toFixed(2)
    console.log(`  ${contender.padEnd(22)} ${us.padStart(9)} µs  × ${ratio}`)
  }
}
if (sink === 0) console.log('nothing was encoded')
