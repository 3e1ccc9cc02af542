import type { Broker, BrokerEvents, BrokerLink, Clock, Position, PresenceChange, Publication } from '@typewire/core'
import { Deadlines } from '@typewire/core/internal'
import { nodeClock } from '../node-clock.ts'
import { defaultMaxHistoryBytes, MemoryHistory } from './memory-history.ts'
import { MemoryPresence } from './memory-presence.ts'
import { MemoryResults } from './memory-results.ts'

export interface MemoryBrokerOptions {
  /**
   * How long presence stays, in milliseconds, of a server that has gone without a word. Default 10,000, the time that a
   * client's presence has by default to come back.
   */
  readonly leaseMs?: number | undefined
  /**
   * How much is kept of all rooms with a history together, in UTF-16 units of text and bytes of parts. Default
   * 268,435,456, so that many rooms of large events leave the process room. Beyond it the oldest events go of the room in
   * which nothing happened for longest: members that come back there learn that they have missed something.
   */
  readonly maxHistoryBytes?: number | undefined
  /**
   * What is kept of answers to idempotent calls, in UTF-16 units, and 256 for each of them; the oldest goes first, and a
   * repetition of its call runs again. Default 67,108,864: those of the last three minutes, at a thousand small ones a second.
   */
  readonly maxResultBytes?: number | undefined
  /** Time, for tests. Default: Node's. */
  readonly clock?: Clock | undefined
}

export const defaultMaxResultBytes = 67_108_864

/**
 * Creates a broker in the memory of this process: what a server uses by itself, and what several servers of one process
 * are joined by. Calls back before it returns, unless it is called from a callback of its own: then it is that one's turn
 * first, so that all nodes are told in one order. What it keeps of rooms with a history, and of results, outlives the servers that
 * use it.
 */
export function createMemoryBroker({
  leaseMs = 10_000,
  maxHistoryBytes = defaultMaxHistoryBytes,
  maxResultBytes = defaultMaxResultBytes,
  clock = nodeClock,
}: MemoryBrokerOptions = {}): Broker {
  if (!(leaseMs >= 0)) throw new RangeError(`createMemoryBroker({ leaseMs: ${leaseMs} }): give milliseconds from 0 up.`)
  for (const [name, value] of Object.entries({ maxHistoryBytes, maxResultBytes })) {
    if (!(value >= 0)) throw new RangeError(`createMemoryBroker({ ${name}: ${value} }): give bytes from 0 up.`)
  }
  const nodes = new Map<string, BrokerEvents>()
  const channels = new Map<string, Set<string>>()
  const queue: (() => void)[] = []
  const hasSubscribers = (channel: string) => channels.has(channel)
  const histories = new MemoryHistory({ clock, maxBytes: maxHistoryBytes, hasSubscribers })
  const results = new MemoryResults(clock, maxResultBytes)
  let isTelling = false

  const tell = (what: () => void) => {
    queue.push(what)
    if (isTelling) return
    isTelling = true
    for (let next = 0; next < queue.length; next++) queue[next]!()
    queue.length = 0
    isTelling = false
  }

  const publish = (channel: string, publication: Publication, position?: Position) => {
    const subscribers = channels.get(channel)
    // A copy, so that a callback which unsubscribes and subscribes again is not told twice.
    for (const node of [...(subscribers ?? [])]) {
      if (subscribers!.has(node)) callBack(() => nodes.get(node)?.onPublication(channel, publication, position))
    }
  }

  const unsubscribe = (node: string, channel: string) => {
    const subscribers = channels.get(channel)
    if (!subscribers?.delete(node) || subscribers.size > 0) return
    channels.delete(channel)
    histories.onUnsubscribed(channel)
  }

  const tellPresence = (channel: string, change: PresenceChange) => {
    const subscribers = channels.get(channel)
    for (const node of [...(subscribers ?? [])]) {
      if (subscribers!.has(node)) callBack(() => nodes.get(node)?.onPresence(channel, change))
    }
  }
  const presence = new MemoryPresence(new Deadlines(clock), (channel, change) =>
    tell(() => tellPresence(channel, change)),
  )

  const connect = (node: string, events: BrokerEvents): BrokerLink => {
    if (nodes.has(node)) throw new TypeError(`createMemoryBroker: there is a node ${node} already.`)
    nodes.set(node, events)
    const isIn = () => nodes.get(node) === events
    return {
      subscribe(channel) {
        if (isIn()) channels.set(channel, (channels.get(channel) ?? new Set()).add(node))
      },
      unsubscribe(channel) {
        if (isIn()) unsubscribe(node, channel)
      },
      publish(channel, publication, { history, key } = {}) {
        if (!isIn()) return undefined
        if (!history) {
          tell(() => publish(channel, publication))
          return undefined
        }
        const { position, isRepeated } = histories.add(channel, publication, { history, key })
        if (!isRepeated) tell(() => publish(channel, publication, position))
        return position
      },
      history(channel, query, bounds) {
        if (!isIn()) throw new Error(`createMemoryBroker: the node ${node} was closed.`)
        return histories.read(channel, query, bounds)
      },
      subscribers: (channel) => [...(channels.get(channel) ?? [])],
      send(to, message) {
        if (isIn()) tell(() => callBack(() => nodes.get(to)?.onMessage(node, message)))
      },
      setPresence(channel, record) {
        if (isIn()) presence.set(node, channel, record)
      },
      removePresence(channel, sessionId, afterMs) {
        if (isIn()) presence.remove(channel, sessionId, afterMs)
      },
      presence: (channel) => presence.snapshot(channel),
      keepResult(key, result, ttlMs) {
        if (isIn()) results.keep(key, result, ttlMs)
      },
      result: (key) => results.get(key),
      close() {
        if (!isIn()) return
        nodes.delete(node)
        presence.release(node, leaseMs)
        for (const channel of [...channels.keys()]) unsubscribe(node, channel)
      },
    }
  }

  return { connect }
}

/** What one node throws is not the publisher's affair, nor the next node's: nodes catch what fails in them. */
function callBack(run: () => void): void {
  try {
    run()
  } catch {
    // See BrokerEvents.
  }
}
