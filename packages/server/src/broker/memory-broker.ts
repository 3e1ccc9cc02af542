import type { Broker, BrokerEvents, BrokerLink, Clock, Position, Publication } from '@typewire/core'
import { nodeClock } from '../node-clock.ts'
import { MemoryHistory } from './memory-history.ts'

export interface MemoryBrokerOptions {
  /** Time, for tests. Default: Node's. */
  readonly clock?: Clock | undefined
}

/**
 * Creates a broker in the memory of this process: what a server uses by itself, and what several servers of one process
 * are joined by. Calls back before it returns, unless it is called from a callback of its own: then it is that one's turn
 * first, so that all nodes are told in one order. What it keeps of rooms with a history outlives the servers that use it.
 */
export function createMemoryBroker({ clock = nodeClock }: MemoryBrokerOptions = {}): Broker {
  const nodes = new Map<string, BrokerEvents>()
  const channels = new Map<string, Set<string>>()
  const queue: (() => void)[] = []
  const histories = new MemoryHistory(clock, (channel) => channels.has(channel))
  let isTelling = false

  const tell = (what: () => void) => {
    queue.push(what)
    if (isTelling) return
    isTelling = true
    try {
      for (let next = 0; next < queue.length; next++) queue[next]!()
    } finally {
      queue.length = 0
      isTelling = false
    }
  }

  const publish = (channel: string, publication: Publication, position?: Position) => {
    for (const node of channels.get(channel) ?? []) nodes.get(node)?.onPublication(channel, publication, position)
  }

  const unsubscribe = (node: string, channel: string) => {
    const subscribers = channels.get(channel)
    if (!subscribers?.delete(node) || subscribers.size > 0) return
    channels.delete(channel)
    histories.onUnsubscribed(channel)
  }

  const connect = (node: string, events: BrokerEvents): BrokerLink => {
    if (nodes.has(node)) throw new TypeError(`createMemoryBroker: there is a node ${node} already.`)
    nodes.set(node, events)
    return {
      subscribe(channel) {
        channels.set(channel, (channels.get(channel) ?? new Set()).add(node))
      },
      unsubscribe: (channel) => unsubscribe(node, channel),
      publish(channel, publication, { history, key } = {}) {
        if (!history) {
          tell(() => publish(channel, publication))
          return undefined
        }
        const { position, isRepeated } = histories.add(channel, publication, { history, key })
        if (!isRepeated) tell(() => publish(channel, publication, position))
        return position
      },
      history: (channel, query, bounds) => histories.read(channel, query, bounds),
      subscribers: (channel) => [...(channels.get(channel) ?? [])],
      send: (to, message) => tell(() => nodes.get(to)?.onMessage(node, message)),
      close() {
        nodes.delete(node)
        for (const channel of [...channels.keys()]) unsubscribe(node, channel)
      },
    }
  }

  return { connect }
}
