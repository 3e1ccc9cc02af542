import type { Broker, BrokerEvents, BrokerLink } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'

/** What a broker does for its nodes, each of which can be held back. */
type Step = 'subscribe' | 'history' | 'publication'

export interface HandBroker extends Broker {
  /** From here on these steps wait, for the nodes that connect from here on and before. */
  readonly hold: (step: Step) => void
  /** Lets those that wait go on, in order, and does not hold any more. */
  readonly release: (step: Step) => void
  /** Forgets the publications that wait: they are never told. */
  readonly lose: () => void
  /** How many wait. */
  readonly waiting: (step: Step) => number
}

/**
 * A broker whose answers come as promises, and when the test says so. Histories are read when they are asked for and told
 * later: the worst that a broker may do. `broker`: what it stands before.
 */
export function handBroker(broker: Broker = createMemoryBroker()): HandBroker {
  const held: Record<Step, (() => void)[] | undefined> = {
    subscribe: undefined,
    history: undefined,
    publication: undefined,
  }
  const later = async <T>(step: Step, value: T): Promise<T> => {
    await new Promise<void>((resolve) => {
      if (held[step]) held[step].push(resolve)
      else resolve()
    })
    return value
  }

  const connect = (node: string, events: BrokerEvents): BrokerLink => {
    const link = broker.connect(node, {
      ...events,
      onPublication(channel, publication, position) {
        const tell = () => events.onPublication(channel, publication, position)
        if (held.publication) held.publication.push(tell)
        else tell()
      },
    })
    return {
      ...link,
      async subscribe(channel) {
        await later('subscribe', undefined)
        await link.subscribe(channel)
      },
      history: async (channel, query, bounds) => later('history', await link.history(channel, query, bounds)),
    }
  }

  return {
    connect,
    hold: (step) => void (held[step] ??= []),
    release(step) {
      const waiting = held[step] ?? []
      held[step] = undefined
      for (const run of waiting) run()
    },
    lose: () => void held.publication?.splice(0),
    waiting: (step) => held[step]?.length ?? 0,
  }
}
