import type { Broker, BrokerLink } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import type { FakeClock } from '@typewire/testkit'

/**
 * A broker that takes its time, as one across a network does: what it is asked it does some turns later, and what it
 * tells comes some turns after that, in order. `random` gives numbers from 0 to below 1.
 */
export function slowBroker(clock: FakeClock, random: () => number): Broker {
  const inner = createMemoryBroker({ clock })
  const line = () => {
    let last = Promise.resolve()
    return <T>(run: () => T): Promise<Awaited<T>> => {
      const turns = Math.floor(random() * 4)
      const done = last.then(async () => {
        for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
        return run()
      })
      last = done.then(
        () => {},
        () => {},
      )
      return done as Promise<Awaited<T>>
    }
  }
  return {
    connect(node, events): BrokerLink {
      const [asked, told] = [line(), line()]
      const link = inner.connect(node, {
        onPublication: (...args) => void told(() => events.onPublication(...args)),
        onPresence: (...args) => void told(() => events.onPresence(...args)),
        onMessage: (...args) => void told(() => events.onMessage(...args)),
      })
      const later =
        <Args extends readonly unknown[], Result>(run: (...args: Args) => Result) =>
        (...args: Args) =>
          asked(() => run(...args))
      return {
        subscribe: later(link.subscribe),
        unsubscribe: later(link.unsubscribe),
        publish: later(link.publish),
        subscribers: later(link.subscribers),
        send: later(link.send),
        setPresence: later(link.setPresence),
        removePresence: later(link.removePresence),
        presence: later(link.presence),
        close: later(link.close),
      }
    },
  }
}
