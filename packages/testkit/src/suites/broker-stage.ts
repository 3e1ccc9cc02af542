import type { Broker, BrokerLink, MaybePromise, Position, PresenceChange, Publication } from '@typewire/core'
import { onTestFinished } from 'vitest'
import { turn } from '../turn.ts'
import { eventually } from './transport-stage.ts'

/** A broker for one test, with nothing in it. What it leaves out, that part of the suite is skipped or assumed. */
export interface BrokerUnderTest extends Broker {
  /**
   * Lets a node die without `close`: its process is gone. Resolves when the broker has found out. Left out, no node dies,
   * and the tests of it are skipped.
   */
  readonly kill?: (node: string) => MaybePromise<void>
  /** Lets time pass by which presence goes, and what is kept. Left out, the tests of that are skipped. */
  readonly pass?: (ms: number) => Promise<void>
  /** How long the presence of a node stays that has died, in milliseconds. Default 10,000. */
  readonly leaseMs?: number
  /** Waits so long that what has not come by then is not to come. Default: 50 turns of the event loop. */
  readonly quiet?: () => Promise<void>
  /** Ends what `create` has begun. */
  readonly dispose?: () => MaybePromise<void>
}

/** What the suite runs on. */
export interface BrokerSetup {
  readonly name: string
  /** To be told to many processes, each node may be given a connection of its own: `connect` is called once for each. */
  readonly create: () => MaybePromise<BrokerUnderTest>
  /** How many channels a node subscribes to where it is many. Default 10,000. */
  readonly manyChannels?: number
}

/** A link that answers with promises, and throws nothing. */
type Promised<Link> = {
  readonly [Name in keyof Link]: Link[Name] extends (...given: infer Given) => infer Answer
    ? (...given: Given) => Promise<Awaited<Answer>>
    : never
}

/** A node, and what it was told. */
export interface TestNode {
  readonly id: string
  readonly link: Promised<BrokerLink>
  /** Of the publications, channel and payload. */
  readonly heard: (readonly [channel: string, payload: string])[]
  readonly publications: Publication[]
  /** Where each of them stands. */
  readonly positions: (Position | undefined)[]
  readonly messages: (readonly [from: string, message: string])[]
  readonly presence: (readonly [channel: string, change: PresenceChange])[]
  /** What it does when it is told. */
  onHeard: (payload: string, channel: string) => void
  onMessage: (message: string, from: string) => void
  /** The payloads that it has heard on a channel. */
  readonly heardOn: (channel: string) => string[]
  /** Publishes an event whose payload is this text. */
  readonly say: (channel: string, payload: string) => Promise<void>
  /** Resolves when a publication of its own has come back: what was published before, by anybody, has come by then. */
  readonly caughtUp: (channel: string) => Promise<void>
}

export interface BrokerStage {
  readonly broker: BrokerUnderTest
  readonly node: (id?: string) => TestNode
  readonly nodes: (count: number) => TestNode[]
  readonly quiet: () => Promise<void>
}

/** Makes a broker, and closes all nodes when the test is over. */
export async function setUpBroker({ create }: BrokerSetup): Promise<BrokerStage> {
  const broker = await create()
  const links: Promised<BrokerLink>[] = []
  onTestFinished(async () => {
    // A node that has died, or was closed, may answer as it likes.
    const closed = Promise.all(links.map((link) => link.close())).catch(() => {})
    await Promise.race([closed, quiet()])
    await broker.dispose?.()
  })
  const quiet = broker.quiet ?? someTurns
  const node = (id = `node-${links.length + 1}`) => {
    const made = connect(broker, id)
    links.push(made.link)
    return made
  }
  return { broker, node, nodes: (count) => Array.from({ length: count }, () => node()), quiet }
}

function connect(broker: Broker, id: string): TestNode {
  let markers = 0
  let isConnected = false
  const assertConnected = () => {
    if (!isConnected) throw new Error('Called back before connect has returned.')
  }
  const link = broker.connect(id, {
    onPublication(channel, publication, position) {
      assertConnected()
      const { payload } = publication
      made.heard.push([channel, payload])
      made.publications.push(publication)
      made.positions.push(position)
      made.onHeard(payload, channel)
    },
    onPresence(channel, change) {
      assertConnected()
      made.presence.push([channel, change])
    },
    onMessage(from, message) {
      assertConnected()
      made.messages.push([from, message])
      made.onMessage(message, from)
    },
  })
  isConnected = true
  const heardOn = (channel: string) =>
    made.heard.filter(([where, payload]) => where === channel && !payload.startsWith('marker')).map(([, text]) => text)
  const say = async (channel: string, payload: string) =>
    void (await made.link.publish(channel, { event: 'said', payload }))
  const made: TestNode = {
    id,
    link: promised(link),
    heard: [],
    publications: [],
    positions: [],
    messages: [],
    presence: [],
    onHeard: () => {},
    onMessage: () => {},
    heardOn,
    say,
    async caughtUp(channel) {
      const marker = `marker ${id} ${++markers}`
      await say(channel, marker)
      await eventually(() => made.heard.some(([where, payload]) => where === channel && payload === marker)).toBe(true)
    },
  }
  return made
}

function promised(link: BrokerLink): Promised<BrokerLink> {
  return {
    subscribe: async (channel) => link.subscribe(channel),
    unsubscribe: async (channel) => link.unsubscribe(channel),
    publish: async (channel, publication, options) => link.publish(channel, publication, options),
    history: async (channel, query, bounds) => link.history(channel, query, bounds),
    subscribers: async (channel) => link.subscribers(channel),
    send: async (to, message) => link.send(to, message),
    setPresence: async (channel, record) => link.setPresence(channel, record),
    removePresence: async (channel, sessionId, afterMs) => link.removePresence(channel, sessionId, afterMs),
    presence: async (channel) => link.presence(channel),
    keepResult: async (key, result, ttlMs) => link.keepResult(key, result, ttlMs),
    result: async (key) => link.result(key),
    close: async () => link.close(),
  }
}

async function someTurns(): Promise<void> {
  for (let i = 0; i < 50; i++) await turn()
}

/** What became of something that may throw, reject or answer at once. */
export async function outcomeOf(run: () => unknown): Promise<'done' | 'failed'> {
  try {
    await run()
    return 'done'
  } catch {
    return 'failed'
  }
}
