import type { DeliveryCounts, ServerLoad } from '../types.ts'
import { contentType, expositionOf, type Metric, type Sample } from './exposition.ts'
import type { ConnectionFacts, EndedFacts, ServerHooks, StreamFacts } from './hooks.ts'

/** What of a server is read when its metrics are asked for. */
export interface Measured {
  readonly load: ServerLoad
  readonly delivery: DeliveryCounts
}

/** The metrics of one server: its hooks, and what they have counted. */
export interface Metrics extends ServerHooks {
  /** What to answer `text` with: `text/plain; version=0.0.4; charset=utf-8`. */
  readonly contentType: string
  /** All of it, in Prometheus' text format. `server`: the one that has these hooks. */
  readonly text: (server: Measured) => string
}

/** Upper bounds of the histogram's buckets, in seconds: from a look-up in memory to the default time limit. */
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** The label of what is not in the contract: clients may write what they like, and a label for each would have no bound. */
const unknownName = '(unknown)'

/**
 * Makes the metrics of a server: `createServer(contract, { hooks: metrics })`, and `metrics.text(server)` wherever they are
 * to be read. Labels are names and error codes of the contract alone, so there is a bound to them.
 */
export function createMetrics(): Metrics {
  const calls = new Tally('procedure')
  const events = new Tally('event')
  const joins = new Tally('room')
  const acks = new Tally('event')
  const streams = new Tally('stream')
  const items = new Map<string, { sent: number; received: number }>()
  const durations = new Durations()
  const connections = new Map<string, number>()
  let sessions = 0
  return {
    onCall(facts: EndedFacts) {
      calls.add(facts)
      durations.add(facts)
    },
    onStream(facts: StreamFacts) {
      streams.add(facts)
      const { name = unknownName, itemsSent, itemsReceived } = facts
      const { sent, received } = items.get(name) ?? { sent: 0, received: 0 }
      items.set(name, { sent: sent + itemsSent, received: received + itemsReceived })
    },
    onEvent: (facts: EndedFacts) => events.add(facts),
    onAck: (facts: EndedFacts) => acks.add(facts),
    onJoin: (facts: EndedFacts) => joins.add(facts),
    onConnection: ({ transport }: ConnectionFacts) => increment(connections, transport),
    onSession: () => void sessions++,
    contentType,
    text: (server) => {
      const { load, delivery } = server
      return expositionOf([
        counter('calls_total', 'Calls that have ended.', calls.samples()),
        {
          name: 'typewire_server_call_duration_seconds',
          type: 'histogram',
          help: 'How long calls took.',
          samples: durations.samples(),
        },
        counter('streams_total', 'Streams and uploads that have ended.', streams.samples()),
        counter('stream_items_total', 'Items of streams and uploads that have ended.', itemSamples(items)),
        counter('events_total', 'Events of clients that have been handled.', events.samples()),
        counter('joins_total', 'Joins that were answered.', joins.samples()),
        counter('acks_total', 'Acks that clients were asked for.', acks.samples()),
        ...connectionMetrics(connections, load),
        ...sessionMetrics(sessions, load),
        counter('dropped_events_total', 'Volatile events that a client was not sent.', [{ value: delivery.dropped }]),
        counter('conflated_events_total', 'Events that a newer one has replaced before they were sent.', [
          { value: delivery.conflated },
        ]),
        gauge('queued_bytes', 'What is kept for clients: not sent yet, or not acknowledged.', [
          { value: load.queuedBytes },
        ]),
      ])
    },
  }
}

const counter = (name: string, help: string, samples: readonly Sample[]): Metric => {
  return { name: `typewire_server_${name}`, type: 'counter', help, samples }
}
const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => {
  return { name: `typewire_server_${name}`, type: 'gauge', help, samples }
}

function itemSamples(items: ReadonlyMap<string, Readonly<Record<string, number>>>): readonly Sample[] {
  return Array.from(items, ([stream, counts]) =>
    Object.entries(counts).map(([direction, value]) => ({ labels: { stream, direction }, value })),
  ).flat()
}

function connectionMetrics(ended: ReadonlyMap<string, number>, { connections }: ServerLoad): readonly Metric[] {
  const transports = [...new Set([...ended.keys(), ...Object.keys(connections)])].sort()
  const open = (transport: string) => connections[transport] ?? 0
  const all = (transport: string) => (ended.get(transport) ?? 0) + open(transport)
  const samples = (valueOf: (transport: string) => number) =>
    transports.map((transport) => ({ labels: { transport }, value: valueOf(transport) }))
  return [
    counter('connections_total', 'Connections that were accepted.', samples(all)),
    gauge('connections', 'Connections that are there.', samples(open)),
  ]
}

function sessionMetrics(ended: number, { sessions, detachedSessions }: ServerLoad): readonly Metric[] {
  const states = { attached: sessions - detachedSessions, detached: detachedSessions }
  return [
    counter('sessions_total', 'Sessions that were opened.', [{ value: ended + sessions }]),
    gauge(
      'sessions',
      'Sessions that are there; a detached one waits for its client.',
      Object.entries(states).map(([state, value]) => ({ labels: { state }, value })),
    ),
  ]
}

/** What has ended, by name and outcome. */
class Tally {
  readonly #label: string
  readonly #counts = new Map<string, Map<string, number>>()

  constructor(label: string) {
    this.#label = label
  }

  add({ name = unknownName, outcome }: EndedFacts): void {
    let outcomes = this.#counts.get(name)
    if (!outcomes) this.#counts.set(name, (outcomes = new Map()))
    increment(outcomes, outcome)
  }

  samples(): readonly Sample[] {
    return Array.from(this.#counts, ([name, outcomes]) =>
      Array.from(outcomes, ([outcome, value]) => ({ labels: { [this.#label]: name, outcome }, value })),
    ).flat()
  }
}

/** How long calls took, by procedure. */
class Durations {
  readonly #byName = new Map<string, { readonly counts: number[]; sumMs: number; count: number }>()

  add({ name = unknownName, durationMs }: EndedFacts): void {
    let durations = this.#byName.get(name)
    if (!durations) this.#byName.set(name, (durations = { counts: buckets.map(() => 0), sumMs: 0, count: 0 }))
    durations.sumMs += durationMs
    durations.count++
    const bucket = buckets.findIndex((seconds) => durationMs <= seconds * 1_000)
    if (bucket !== -1) durations.counts[bucket]!++
  }

  samples(): readonly Sample[] {
    return Array.from(this.#byName, ([procedure, { counts, sumMs, count }]): Sample[] => {
      let below = 0
      const finite = buckets.map((seconds, index) => {
        below += counts[index]!
        return { suffix: '_bucket', labels: { procedure, le: String(seconds) }, value: below }
      })
      return [
        ...finite,
        { suffix: '_bucket', labels: { procedure, le: '+Inf' }, value: count },
        { suffix: '_sum', labels: { procedure }, value: sumMs / 1_000 },
        { suffix: '_count', labels: { procedure }, value: count },
      ]
    }).flat()
  }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
