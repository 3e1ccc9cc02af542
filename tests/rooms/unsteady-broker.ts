import type { Broker, BrokerEvents, BrokerLink, MaybePromise } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import { turn } from '@typewire/testkit'

export interface UnsteadyBroker extends Broker {
  /** Forgets all histories: what is published from here on is of other epochs. */
  readonly forget: () => void
}

/**
 * A broker between nodes of one process that takes up to `maxTurns` turns of the event loop for whatever it does, at
 * random, and tells one in `losesOneIn` publications not to one of its nodes.
 */
export function unsteadyBroker(random: () => number, { maxTurns = 4, losesOneIn = 40 } = {}): UnsteadyBroker {
  let memory = createMemoryBroker()
  const rejoin = new Set<() => void>()
  const pause = async () => {
    for (let turns = Math.floor(random() * maxTurns); turns > 0; turns--) await turn()
  }

  const connect = (node: string, events: BrokerEvents): BrokerLink => {
    const channels = new Set<string>()
    let last: Promise<unknown> = Promise.resolve()
    /** One after the other, each in its time. */
    const inTurn = (run: () => void) => {
      last = last.then(pause).then(run)
    }
    const later = async <T>(run: () => MaybePromise<T>): Promise<T> => {
      await pause()
      const value = await run()
      await pause()
      return value
    }
    const enter = () =>
      memory.connect(node, {
        onPresence: (...given) => inTurn(() => events.onPresence(...given)),
        onMessage: (...given) => inTurn(() => events.onMessage(...given)),
        onPublication: (channel, ...given) => {
          if (channel === '*' || random() * losesOneIn > 1) inTurn(() => events.onPublication(channel, ...given))
        },
      })
    let link = enter()
    const again = () => {
      link = enter()
      for (const channel of channels) void link.subscribe(channel)
    }
    rejoin.add(again)
    return {
      subscribe: async (channel) =>
        later(() => {
          channels.add(channel)
          return link.subscribe(channel)
        }),
      unsubscribe: async (channel) =>
        later(() => {
          channels.delete(channel)
          return link.unsubscribe(channel)
        }),
      // At once, so that the test knows the order.
      publish: async (...given) => Promise.resolve(link.publish(...given)),
      history: async (...given) => later(() => link.history(...given)),
      subscribers: async (channel) => later(() => link.subscribers(channel)),
      setPresence: async (...given) => later(() => link.setPresence(...given)),
      removePresence: async (...given) => later(() => link.removePresence(...given)),
      presence: async (...given) => later(() => link.presence(...given)),
      keepResult: async (...given) => later(() => link.keepResult(...given)),
      result: async (...given) => later(() => link.result(...given)),
      send: async (...given) => later(() => link.send(...given)),
      close() {
        rejoin.delete(again)
        return link.close()
      },
    }
  }

  return {
    connect,
    forget() {
      memory = createMemoryBroker()
      for (const again of rejoin) again()
    },
  }
}
