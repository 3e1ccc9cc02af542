// What was aimed at, and how far the kept run got; and where it is behind its peers. For docs/performance.md, which a test
// holds to docs/bench/results.json. The last column is written by hand: it says why, not how much.
import { shown } from './report.mjs'

/** @typedef {readonly import('./report.mjs').Measured[]} Results */
/** @typedef {{ text: string, met?: boolean }} Reached `met` is not there where nothing was measured. */
/** @typedef {(results: Results) => Reached} Measure */

/**
 * @param {Results} results
 * @param {string} scenario
 */
const scenarioOf = (results, scenario) => results.find(({ name }) => name === scenario)

/**
 * @param {Results} results
 * @param {string} scenario
 * @param {string} metric
 * @param {string} row
 */
function figureOf(results, scenario, metric, row = 'typewire') {
  const figure = scenarioOf(results, scenario)?.rows.find(({ name }) => name === row)?.figures[metric]
  if (!figure) throw new Error(`No ${metric} of ${row} was kept of ${scenario}.`)
  return figure
}

/**
 * How many times a peer's a figure of Typewire's is, in the same round; where the rounds were not compared, of the medians.
 *
 * @param {Results} results
 * @param {string} scenario
 * @param {string} metric
 * @param {string} peer
 * @param {string} own
 */
function timesOf(results, scenario, metric, peer, own) {
  const its = figureOf(results, scenario, metric, peer)
  const ours = figureOf(results, scenario, metric, own)
  const times = (ours.timesTypewire ?? 1) / (its.timesTypewire ?? Number.NaN)
  return Number.isNaN(times) ? ours.median / its.median : times
}

const times = (/** @type {number} */ value) => `${value.toFixed(2)} ×`

/**
 * At most, or at least, so many times what a peer has.
 *
 * @param {string} scenario
 * @param {string} metric
 * @param {string} peer
 * @param {number} aim
 * @param {string} [own]
 * @returns {Measure}
 */
const beside =
  (scenario, metric, peer, aim, own = 'typewire') =>
  (results) => {
    const ratio = timesOf(results, scenario, metric, peer, own)
    const best = scenarioOf(results, scenario)?.metrics[metric]?.best
    return { text: times(ratio), met: best === 'most' ? ratio >= aim : ratio <= aim }
  }

/**
 * No more than that.
 *
 * @param {string} scenario
 * @param {string} metric
 * @param {number} aim
 * @param {string} [row]
 * @returns {Measure}
 */
const atMost =
  (scenario, metric, aim, row = 'typewire') =>
  (results) => {
    const figure = scenarioOf(results, scenario)?.rows.find(({ name }) => name === row)?.figures[metric]
    if (!figure) return { text: 'not in the kept run' }
    const unit = scenarioOf(results, scenario)?.metrics[metric]?.unit
    return { text: `${shown(figure.median)} ${unit}`, met: figure.median <= aim }
  }

/**
 * With more of them none costs over a fifth more than with the fewest. It may cost less.
 *
 * @param {string} prefix
 * @param {number} from
 * @returns {Measure}
 */
const flat = (prefix, from) => (results) => {
  const figures = scenarioOf(results, 'scale')?.rows.find(({ name }) => name === 'typewire')?.figures ?? {}
  const kept = Object.entries(figures)
    .map(([metric, { median }]) => ({ count: Number(metric.slice(prefix.length)), median, metric }))
    .filter(({ metric, count }) => metric.startsWith(prefix) && count >= from)
    .sort((a, b) => a.count - b.count)
  const [few, many] = [kept[0], kept.at(-1)]
  if (!few || !many) return { text: 'not in the kept run' }
  const dearest = Math.max(...kept.map(({ median }) => median)) / few.median
  return {
    text: `${shown(few.median)} to ${shown(many.median)} µs, up to ${many.count.toLocaleString('en')}: ${times(dearest)}`,
    met: dearest <= 1.2,
  }
}

/** @type {Measure} */
const roundTrips = (results) => {
  const [own, ws] = ['typewire', 'ws'].map((row) => figureOf(results, 'connects', 'trips', row).median)
  // What computing takes is a few hundredths of a trip.
  return { text: `${own?.toFixed(1)}, ws ${ws?.toFixed(1)}`, met: Math.round(own ?? 0) <= Math.round(ws ?? 0) + 1 }
}

/** @type {Measure} */
const instantiations = (results) => {
  const of = (/** @type {string} */ row) => figureOf(results, 'types', 'instantiations3000', row).median
  const [own, trpc, orpc] = [of('typewire'), of('trpc'), of('orpc')]
  return { text: `${shown(own)}, theirs ${shown(trpc)} and ${shown(orpc)}`, met: own < Math.min(trpc, orpc) }
}

const deliveries = '[Rooms](#rooms-what-a-delivery-costs): three quarters are the system’s `write`, for all'
const full = 'the clients’ process is full: [Calls](#calls-what-a-server-spends-on-one)'
const polling = '[Long-polling](#long-polling)'
const sizes = '[client-size.md](client-size.md)'
const streaming = '[Without WebSocket](#long-polling): the clients’ process is full'
const many = '[Many rooms](#among-many-rooms): what is not in a cache has to be fetched, for `ws` at its limit as well'

/** @type {readonly (readonly [what: string, aim: string, reached: Measure, why: string])[]} */
const aims = [
  [
    'Server CPU of a call, 64 in flight',
    'at most 1.5 × the limit',
    beside('calls', 'cpu64', 'limit', 1.5),
    '[Calls](#calls-what-a-server-spends-on-one): of what is there beyond the limit, no function has more than 3 %',
  ],
  ['', 'at most 1/3 of Socket.IO', beside('calls', 'cpu64', 'socket.io', 1 / 3), 'the same'],
  ['', 'at most 1/7 of tRPC', beside('calls', 'cpu64', 'trpc', 1 / 7), 'the same'],
  ['Calls/s, 64 in flight', 'at least 2.2 × Socket.IO', beside('calls', 'rate64', 'socket.io', 2.2), full],
  [
    'Round trip p50',
    'at most 1.15 × ws',
    beside('calls', 'p50', 'ws', 1.15),
    '[Calls](#calls-what-a-server-spends-on-one): 1.3 × on one core as well, spread over all that a call goes through',
  ],
  ...[10, 500, 5_000].flatMap((members) => {
    const metric = `cpu${members}`
    const of = `Server CPU of a delivery to a room of ${members.toLocaleString('en')}`
    return /** @type {const} */ ([
      [of, 'at most 1.2 × the limit', beside('fan-out', metric, 'limit', 1.2), deliveries],
      ['', 'at most 1/2 of Socket.IO', beside('fan-out', metric, 'socket.io', 0.5), deliveries],
    ])
  }),
  [
    'Deliveries/s in bursts',
    'at least 5 × Socket.IO',
    beside('bursts', 'rate', 'socket.io', 5),
    '[Rooms](#rooms-what-a-delivery-costs): the clients’ `JSON.parse` bounds it',
  ],
  [
    'Heap of an idle connection',
    'at most 5 KB',
    atMost('memory', 'heap', 5),
    '[Memory](#memory-of-an-idle-connection)',
  ],
  [
    'Connects/s',
    'at least 2 × Socket.IO',
    beside('connects', 'rate', 'socket.io', 2),
    '[Connecting](#connecting): the clients’ process is full; ws itself is hardly beyond that',
  ],
  ['Connect and first answer', 'round trips of ws, and one', roundTrips, ''],
  ['A call with two dates', 'at most 2 × the plain one', atMost('dates', 'ratio', 2), ''],
  [
    'Deliveries/s without WebSocket, by HTTP stream',
    'at least 2 × Socket.IO’s long-polling',
    beside('fallback', 'rate', 'socket.io-polling', 2, 'typewire-stream'),
    streaming,
  ],
  ['', 'the same, in bursts', beside('fallback', 'burstRate', 'socket.io-polling', 2, 'typewire-stream'), streaming],
  [
    'by long-polling',
    'the same, one at a time',
    beside('fallback', 'rate', 'socket.io-polling', 2, 'typewire-poll'),
    polling,
  ],
  ['', 'the same, in bursts', beside('fallback', 'burstRate', 'socket.io-polling', 2, 'typewire-poll'), polling],
  ['A message among 10 to 100,000 rooms', 'within 20 %', flat('rooms', 10), many],
  ['A message among 100 to 10,000 connections', 'within 20 %', flat('connections', 100), many],
  ['The small client', 'at most 10 kB', atMost('bundle', 'gzipped', 10, 'Typewire, lean'), sizes],
  ['with rich types', 'at most 14 kB', atMost('bundle', 'gzipped', 14, 'Typewire, lean with rich types'), sizes],
  ['Instantiations per procedure, of 3,000', 'fewer than tRPC and oRPC', instantiations, ''],
]

/** @param {Results} results */
export const aimRows = (results) =>
  aims.map(([what, aim, measure, why]) => {
    const { text, met } = measure(results)
    return [what, aim, text, met === undefined ? '–' : met ? 'met' : 'missed', met ? '' : why]
  })

/**
 * For each metric the peers that have a better figure, with how many times Typewire's it is. Rows of Typewire that go by HTTP
 * are compared where nothing goes by anything else.
 *
 * @param {Results} results
 */
export const behindRows = (results) =>
  results.flatMap(({ name, title, metrics, rows }) =>
    Object.entries(metrics).flatMap(([metric, { title: what, best }]) => {
      const all = rows.filter(({ figures }) => figures[metric])
      const owns = all.some((row) => row.name === 'typewire')
        ? all.filter((row) => row.name === 'typewire')
        : all.filter((row) => row.name.startsWith('typewire-'))
      return owns.flatMap((own) => {
        const better = all.flatMap((row) => {
          if (row.name.toLowerCase().startsWith('typewire')) return []
          const ratio = 1 / timesOf(results, name, metric, row.name, own.name)
          const isBetter = best === 'most' ? ratio > 1.005 : ratio < 0.995
          return isBetter ? [`${row.label} ${ratio.toFixed(2)} ×`] : []
        })
        const of = own.name === 'typewire' ? '' : ` (${own.label})`
        return better.length > 0 ? [[`${title}${of}: ${what}`, better.join(', ')]] : []
      })
    }),
  )

/**
 * The medians of a scenario: a row for each peer, a column for each of these metrics.
 *
 * @param {Results} results
 * @param {string} scenario
 * @param {readonly string[]} columns
 */
export const medianRows = (results, scenario, columns) =>
  (scenarioOf(results, scenario)?.rows ?? []).flatMap(({ label, figures }) =>
    columns.some((metric) => figures[metric])
      ? [[label, ...columns.map((metric) => (figures[metric] ? shown(figures[metric].median) : '–'))]]
      : [],
  )

/**
 * Which scenarios were measured when, and of what size.
 *
 * @param {Results} results
 */
export function sizesOf(results) {
  const bySize = ['full', 'quick'].flatMap((size) => {
    const names = results.filter((each) => each.size === size).map(({ name }) => `\`${name}\``)
    return names.length > 0 ? [`${size} runs: ${names.join(', ')}`] : []
  })
  const days = [...new Set(results.map(({ day }) => day))].join(', ')
  return `Of ${bySize.join('; of ')}. ${days}, ${results[0]?.on}.`
}
