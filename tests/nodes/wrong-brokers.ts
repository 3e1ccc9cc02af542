// Brokers that are wrong in one thing each, before one that is right. `wrong-brokers.test.ts` runs the suite on them.

import type { Broker, BrokerEvents, BrokerLink, HistoryBounds, Position, PublishOptions } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import type { BrokerSetup } from '@typewire/testkit/broker-suite'

interface Wrong {
  readonly name: string
  readonly link?: (link: BrokerLink, shared: Map<string, number>) => Partial<BrokerLink>
  readonly events?: (events: BrokerEvents) => Partial<BrokerEvents>
  readonly leaseMs?: number
}

const brokers: readonly Wrong[] = [
  {
    name: 'drops the copies of a publication',
    link: (link) => ({
      publish: (channel, { copies: _, ...rest }, options) => link.publish(channel, rest, options),
    }),
  },
  {
    name: 'keeps no ask of a publication',
    link: (link) => ({
      publish: (channel, { ask, ...rest }, options) =>
        link.publish(channel, ask && !options?.history ? { ...rest, ask } : rest, options),
    }),
  },
  { name: 'forgets nothing', link: (link) => bounding(link, (history) => ({ ...history, ttlMs: 1e12 })) },
  { name: 'forgets at once', link: (link) => bounding(link, (history) => ({ ...history, ttlMs: 1 })) },
  { name: 'keeps five, whatever the limit', link: (link) => bounding(link, (history) => ({ ...history, limit: 5 })) },
  {
    name: 'begins anew in the epoch before',
    link: (link) => ({
      publish(channel, publication, options) {
        const position = link.publish(channel, publication, options) as Position | undefined
        return position && { ...position, epoch: 'e' }
      },
      history(channel, query, bounds) {
        const { epoch } = link.history(channel, { limit: 0 }, bounds) as Position
        const asked = 'since' in query && query.since.epoch === 'e' ? { since: { ...query.since, epoch } } : query
        return { ...(link.history(channel, asked, bounds) as Awaited<ReturnType<BrokerLink['history']>>), epoch: 'e' }
      },
    }),
    events: (events) => ({
      onPublication: (channel, publication, position) =>
        events.onPublication(channel, publication, position && { ...position, epoch: 'e' }),
    }),
  },
  {
    name: 'remembers few keys',
    link: (link, shared) => ({
      publish(channel, publication, options) {
        const key = options?.key
        if (key === undefined) return link.publish(channel, publication, options)
        const count = (shared.get(channel) ?? 0) + 1
        shared.set(channel, count)
        return link.publish(channel, publication, { ...options, key: `${key} ${Math.floor(count / 20)}` })
      },
    }),
  },
  {
    name: 'tells the first word of a session alone',
    link(link) {
      const first = new Map<string, string>()
      return {
        setPresence(channel, record) {
          const session = `${channel} ${record.sessionId}`
          const payload = first.get(session) ?? record.payload
          first.set(session, payload)
          return link.setPresence(channel, { ...record, payload })
        },
      }
    },
  },
  {
    name: 'heeds no attempt',
    link: (link, shared) => ({
      setPresence(channel, record) {
        const attempt = (shared.get('attempt') ?? 0) + 1
        shared.set('attempt', attempt)
        return link.setPresence(channel, { ...record, attempt })
      },
    }),
  },
  {
    name: 'takes a session out after a second, whatever the time',
    link: (link) => ({
      removePresence: (channel, session, afterMs) => link.removePresence(channel, session, afterMs > 0 ? 1_000 : 0),
    }),
  },
  { name: 'keeps the presence of a closed node for ever', leaseMs: 1e12 },
  { name: 'takes the presence of a closed node out at once', leaseMs: 0 },
]

/** With other bounds than it was asked for. */
function bounding(link: BrokerLink, bound: (history: HistoryBounds) => HistoryBounds): Partial<BrokerLink> {
  const bounded = ({ history, ...rest }: PublishOptions) => (history ? { ...rest, history: bound(history) } : rest)
  return {
    publish: (channel, publication, options = {}) => link.publish(channel, publication, bounded(options)),
    history: (channel, query, bounds) => link.history(channel, query, bound(bounds)),
  }
}

/** What the suite is given of each; the first is right. */
export const setups: readonly BrokerSetup[] = [{ name: 'is right' }, ...brokers].map(
  ({ name, link: change, events: changeEvents, leaseMs }: Wrong) => ({
    name,
    manyChannels: 1_000,
    create() {
      const clock = createFakeClock()
      const inner = createMemoryBroker({ clock, leaseMs })
      const shared = new Map<string, number>()
      const connect: Broker['connect'] = (node, events) => {
        const link = inner.connect(node, { ...events, ...changeEvents?.(events) })
        return { ...link, ...change?.(link, shared) }
      }
      return { connect, pass: clock.advance }
    },
  }),
)
