// The brokers of the storm: they write down what was published, so that what members hear can be held against it.

import type { Broker, BrokerLink, Position, Publication } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import { createDelayingBroker, type FakeClock } from '@typewire/testkit'

/** What the broker has of an event, by the event's text, of which no other has the same. */
export interface Kept extends Position {
  readonly channel: string
}

export interface StormBroker {
  readonly broker: Broker
  /** The ids of the nodes, in the order in which they came. */
  readonly nodes: () => readonly string[]
  /** Lets a node die. Resolves when the broker has found out. */
  readonly kill: (node: string) => Promise<void>
  /** Lets a node fall behind, where it may, until the function that it returns is called. */
  readonly holdBack: (node: string) => () => void
  /** How much is on its way. */
  readonly pending: () => number
  /** What nobody subscribes to is subscribed to by nobody, and nobody is present. */
  readonly left: (channels: readonly string[]) => Promise<readonly unknown[]>
}

export type CreateStormBroker = (kept: Map<string, Kept>, clock: FakeClock, seed: number) => StormBroker

export const memory: CreateStormBroker = (kept, clock) => {
  const inner = createMemoryBroker({ clock })
  const links = new Map<string, BrokerLink>()
  const nodes = new Set<string>()
  const connect: Broker['connect'] = (node, events) => {
    const link = inner.connect(node, events)
    links.set(node, link)
    nodes.add(node)
    return {
      ...link,
      publish(channel, publication, options) {
        const position = link.publish(channel, publication, options)
        note(kept, channel, publication, position as Position | undefined)
        return position
      },
      close() {
        nodes.delete(node)
        return link.close()
      },
    }
  }
  const spy = inner.connect('spy', { onPublication: () => {}, onPresence: () => {}, onMessage: () => {} })
  return {
    broker: { connect },
    nodes: () => [...nodes],
    async kill(node) {
      nodes.delete(node)
      await links.get(node)!.close()
    },
    holdBack: () => () => {},
    pending: () => 0,
    async left(channels) {
      const found: unknown[] = []
      for (const channel of channels) {
        found.push(...(await spy.subscribers(channel)), ...(await spy.presence(channel)).records)
      }
      return found
    },
  }
}

export const delaying: CreateStormBroker = (kept, clock, seed) => {
  const inner = memory(kept, clock, seed)
  const broker = createDelayingBroker({ inner: inner.broker, seed, maxTurns: 8 })
  return {
    broker,
    nodes: () => broker.nodes,
    kill: broker.kill,
    holdBack: broker.holdBack,
    pending: () => broker.pending,
    left: inner.left,
  }
}

function note(
  kept: Map<string, Kept>,
  channel: string,
  { payload }: Publication,
  position: Position | undefined,
): void {
  if (!position) return
  const [{ text }] = JSON.parse(`[${payload.slice(1)}]`) as [{ readonly text: string }]
  kept.set(text, { ...position, channel })
}
