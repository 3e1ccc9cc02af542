import type { Broker, BrokerLink } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import type { FakeClock } from '@typewire/testkit'

/** A broker in memory that tells what was asked of it, and whose nodes can die. */
export interface WatchedBroker extends Broker {
  /** What nodes have said of presence, in order. */
  readonly said: readonly Said[]
  /** From here on nothing comes to a node or from it, as if its process had ended. In the order in which they connected. */
  readonly kill: (index: number) => void
}

interface Said {
  readonly what: 'set' | 'remove'
  readonly sessionId: string
  readonly afterMs?: number
  readonly payload?: string
}

export function watchedBroker(clock: FakeClock): WatchedBroker {
  const inner = createMemoryBroker({ clock })
  const said: Said[] = []
  const kills: (() => void)[] = []

  const connect: Broker['connect'] = (node, events) => {
    let isDead = false
    const link = inner.connect(node, {
      onPublication: (channel, publication) => isDead || events.onPublication(channel, publication),
      onPresence: (channel, change) => isDead || events.onPresence(channel, change),
      onMessage: (from, message) => isDead || events.onMessage(from, message),
    })
    kills.push(() => {
      isDead = true
      void link.close()
    })
    const unlessDead =
      <Args extends readonly unknown[], Result>(run: (...args: Args) => Result) =>
      (...args: Args): Result =>
        isDead ? (undefined as Result) : run(...args)
    const watched: BrokerLink = {
      ...link,
      publish: unlessDead(link.publish),
      send: unlessDead(link.send),
      close: unlessDead(link.close),
      setPresence: unlessDead((channel, record) => {
        const { sessionId, payload } = record
        said.push({ what: 'set', sessionId, payload })
        return link.setPresence(channel, record)
      }),
      removePresence: unlessDead((channel, sessionId, afterMs) => {
        said.push({ what: 'remove', sessionId, afterMs })
        return link.removePresence(channel, sessionId, afterMs)
      }),
    }
    return watched
  }

  return { connect, said, kill: (index) => kills[index]!() }
}
