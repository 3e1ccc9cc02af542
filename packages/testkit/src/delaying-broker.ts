import type { Broker, BrokerEvents, BrokerLink, MaybePromise } from '@typewire/core'
import { Lanes } from './lanes.ts'
import { seededRandom } from './seeded-random.ts'
import { turn } from './turn.ts'

/** What a node asks of the broker. */
export interface BrokerOperation {
  readonly name: keyof BrokerLink
  /** Who asks. */
  readonly node: string
  /** What about: a channel, for `send` a node, for results a key, for `close` nothing. */
  readonly target: string
}

/**
 * `fail`: nothing is done, and it rejects. `fail late`: it is done, and rejects. `hang`: nothing is done, and it never
 * settles; what comes behind goes on.
 */
export type BrokerFault = 'pass' | 'fail' | 'fail late' | 'hang'

export interface DelayingBrokerOptions {
  /** What it lies before, and does all the work. */
  readonly inner: Broker
  /** The same seed, the same delays. */
  readonly seed: number
  /** The most turns that a way takes: to the broker, and back from it. Default 4. */
  readonly maxTurns?: number
  /** Waits one turn. Default: one of the event loop. */
  readonly turn?: () => Promise<void>
  /** Sees all that is asked, and says what becomes of it. A promise delays it, and what waits behind it. */
  readonly fault?: (operation: BrokerOperation) => MaybePromise<BrokerFault>
}

/** A broker as far away as one can be: what it promises is kept, and nothing else. */
export interface DelayingBroker extends Broker {
  /** The nodes that are in, in the order in which they came. */
  readonly nodes: readonly string[]
  /**
   * Lets a node die: from now on it is told nothing, and nothing that it asks is done or settles. Resolves when the broker
   * has found out, some turns later; until then it is a subscriber still.
   */
  readonly kill: (node: string) => Promise<void>
  /**
   * Lets a node fall behind: from now on it is told nothing, until the function that it returns is called; then all of it, in
   * order. What it asks is answered meanwhile.
   */
  readonly holdBack: (node: string) => () => void
  /** How much is on its way: 0 is what a test that is over asks for. */
  readonly pending: number
}

/**
 * Creates a broker before another one that takes a random number of turns for everything, there and back. What the seam
 * promises an order for keeps it; all else overtakes: publications of other channels, messages, answers.
 */
export function createDelayingBroker(options: DelayingBrokerOptions): DelayingBroker {
  const { inner, seed, maxTurns = 4, turn: oneTurn = turn, fault = () => 'pass' } = options
  const random = seededRandom(seed)
  const delay = async () => {
    for (let left = Math.floor(random() * (maxTurns + 1)); left > 0; left--) await oneTurn()
  }
  const lanes = new Lanes(delay)
  const links = new Map<string, DelayingLink>()
  return {
    connect(node, events) {
      const link = new DelayingLink({ inner, node, events, lanes, delay, fault, onGone: () => links.delete(node) })
      links.set(node, link)
      return link
    },
    kill: async (node) => links.get(node)?.die(),
    holdBack: (node) => links.get(node)?.holdBack() ?? (() => {}),
    get nodes() {
      return [...links.keys()]
    },
    get pending() {
      return lanes.size
    },
  }
}

interface LinkOptions {
  readonly inner: Broker
  readonly node: string
  readonly events: BrokerEvents
  readonly lanes: Lanes
  readonly delay: () => Promise<void>
  readonly fault: (operation: BrokerOperation) => MaybePromise<BrokerFault>
  readonly onGone: () => void
}

/** A node's end of it. */
class DelayingLink implements BrokerLink {
  readonly #options: LinkOptions
  readonly #inner: BrokerLink
  /** `in`: told and heard. `closing`: told nothing any more. `dead`: not heard either. */
  #state: 'in' | 'closing' | 'dead' = 'in'
  /** What is on its way when a channel is unsubscribed belongs to a subscription that is over: it is not told. */
  readonly #subscriptions = new Map<string, symbol>()
  /** What it is told waits for this. */
  #letGo: Promise<void> | undefined

  constructor(options: LinkOptions) {
    const { inner, node, events } = options
    this.#options = options
    this.#inner = inner.connect(node, {
      onPublication: (channel, publication, position) => {
        const subscription = this.#subscriptions.get(channel)
        const isCurrent = () => subscription !== undefined && this.#subscriptions.get(channel) === subscription
        this.#tell(`channel ${channel}`, () => isCurrent() && events.onPublication(channel, publication, position))
      },
      onPresence: (channel, change) => {
        const subscription = this.#subscriptions.get(channel)
        const isCurrent = () => subscription !== undefined && this.#subscriptions.get(channel) === subscription
        this.#tell(`presence ${channel}`, () => isCurrent() && events.onPresence(channel, change))
      },
      onMessage: (from, message) => this.#tell(`node ${from}`, () => events.onMessage(from, message)),
    })
  }

  readonly subscribe: BrokerLink['subscribe'] = (channel) =>
    this.#ask('subscribe', channel, () => {
      if (!this.#subscriptions.has(channel)) this.#subscriptions.set(channel, Symbol('subscription'))
      return this.#inner.subscribe(channel)
    })

  readonly unsubscribe: BrokerLink['unsubscribe'] = (channel) =>
    this.#ask('unsubscribe', channel, async () => {
      await this.#inner.unsubscribe(channel)
      this.#subscriptions.delete(channel)
    })

  readonly publish: BrokerLink['publish'] = (channel, publication, publishOptions) =>
    this.#ask('publish', channel, () => this.#inner.publish(channel, publication, publishOptions))

  readonly history: BrokerLink['history'] = (channel, query, bounds) =>
    this.#ask('history', channel, () => this.#inner.history(channel, query, bounds))

  readonly subscribers: BrokerLink['subscribers'] = (channel) =>
    this.#ask('subscribers', channel, () => this.#inner.subscribers(channel))

  readonly send: BrokerLink['send'] = (to, message) => this.#ask('send', to, () => this.#inner.send(to, message))

  readonly setPresence: BrokerLink['setPresence'] = (channel, record) =>
    this.#ask('setPresence', channel, () => this.#inner.setPresence(channel, record))

  /** In one order with what is set. */
  readonly removePresence: BrokerLink['removePresence'] = (channel, sessionId, afterMs) =>
    this.#ask('removePresence', channel, () => this.#inner.removePresence(channel, sessionId, afterMs), 'setPresence')

  readonly presence: BrokerLink['presence'] = (channel) =>
    this.#ask('presence', channel, () => this.#inner.presence(channel))

  readonly keepResult: BrokerLink['keepResult'] = (key, result, ttlMs) =>
    this.#ask('keepResult', key, () => this.#inner.keepResult(key, result, ttlMs))

  readonly result: BrokerLink['result'] = (key) => this.#ask('result', key, () => this.#inner.result(key))

  readonly close: BrokerLink['close'] = () => {
    if (this.#state === 'in') this.#state = 'closing'
    return this.#ask('close', '', () => this.#leave())
  }

  async die(): Promise<void> {
    this.#state = 'dead'
    await this.#options.delay()
    await this.#leave()
  }

  holdBack(): () => void {
    let letGo = () => {}
    this.#letGo = new Promise((resolve) => (letGo = resolve))
    return letGo
  }

  #leave(): MaybePromise<void> {
    this.#options.onGone()
    return this.#inner.close()
  }

  /** What a callback throws is its own affair (see BrokerEvents). */
  #tell(from: string, run: () => void): void {
    const { lanes, node } = this.#options
    const arrive = async () => {
      if (this.#letGo) await this.#letGo
      if (this.#state === 'in') run()
    }
    lanes.run(`${node} < ${from}`, arrive).catch(() => {})
  }

  async #ask<T>(
    name: BrokerOperation['name'],
    target: string,
    run: () => MaybePromise<T>,
    lane: string = name,
  ): Promise<T> {
    const { lanes, delay, fault, node } = this.#options
    const outcome = await lanes.run(`${node} > ${lane} ${target}`, async () => {
      const fate = await fault({ name, node, target })
      if (fate === 'hang' || this.#state === 'dead') return undefined
      const failure = { error: new Error(`${name} ${target}: the broker failed.`) }
      if (fate === 'fail') return failure
      try {
        const value = await run()
        return fate === 'fail late' ? failure : { value }
      } catch (error) {
        return { error }
      }
    })
    await delay() // the way back, for which what comes next does not wait
    if (!outcome || this.#isDead()) return new Promise(() => {})
    if ('error' in outcome) throw outcome.error
    return outcome.value
  }

  /** A function, as it changes while something is on its way. */
  #isDead(): boolean {
    return this.#state === 'dead'
  }
}
