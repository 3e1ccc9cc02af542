import { randomUUID } from 'node:crypto'
import {
  type Broker,
  type BrokerLink,
  type Clock,
  type HistoryBounds,
  type HistoryPage,
  type HistoryQuery,
  type MaybePromise,
  type Position,
  type PresenceChange,
  type PresenceRecord,
  type PresenceSnapshot,
  type Publication,
  type PublishOptions,
  TypewireError,
} from '@typewire/core'
import { type Deadline, type Deadlines, isPromiseLike } from '@typewire/core/internal'
import { withinLimit } from '../within-limit.ts'
import { UntilTaken } from './until-taken.ts'

export type OnPublication = (publication: Publication, position?: Position) => void
export type OnPresence = (change: PresenceChange) => void

/** The channel of what goes to sessions, in no room. Kinds of rooms, with which other channels begin, are names. */
export const sessionsChannel = '*'

/** How long a broker may take to answer, in milliseconds: less than the 30 s that a join may take by itself. */
const answerLimitMs = 10_000
/** How long it may take to let this node go: a server that closes has few seconds in all. */
const closeLimitMs = 2_000
/** After how many milliseconds a subscription is tried again that nobody waits for. */
const retryMs = 1_000

interface BusOptions {
  readonly broker: Broker
  readonly clock: Clock
  readonly deadlines: Deadlines
  /** Gets what fails and nobody waits for. */
  readonly report: (error: unknown, what: string) => void
}

/** This node's end of the broker: who here is told of what is published, and who of what other nodes say. */
export class Bus {
  /** Names this node. */
  readonly node = randomUUID()
  readonly #link: BrokerLink
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  /** What must be true in the end: who is present, and that a channel was left. */
  readonly #untilTaken: UntilTaken
  readonly #report: (error: unknown, what: string) => void
  readonly #subscribers = new Map<string, OnPublication>()
  readonly #watchers = new Map<string, OnPresence>()
  /** What is under way of subscribing and unsubscribing: one after the other for each channel. */
  readonly #underWay = new Map<string, Promise<void>>()
  readonly #retries = new Set<Deadline>()
  #isClosed = false
  /** Gets what is published on a channel that this node is about to leave, or has not told the broker of yet. */
  onUnheard: OnPublication = () => {}
  /** Gets what nodes say to each other. */
  onMessage: (from: string, message: string) => void = () => {}

  constructor({ broker, clock, deadlines, report }: BusOptions) {
    this.#clock = clock
    this.#deadlines = deadlines
    this.#report = (error, what) => {
      if (!this.#isClosed) report(error, what)
    }
    this.#untilTaken = new UntilTaken(deadlines, this.#report)
    this.#link = broker.connect(this.node, {
      onPublication: (channel, publication, position) =>
        this.#unattended(`publication on ${channel}`, () =>
          (this.#subscribers.get(channel) ?? this.onUnheard)(publication, position),
        ),
      onPresence: (channel, change) =>
        this.#unattended(`presence on ${channel}`, () => this.#watchers.get(channel)?.(change)),
      onMessage: (from, message) => this.#unattended(`message of ${from}`, () => this.onMessage(from, message)),
    })
  }

  /**
   * Tells of what is published on a channel, from when it has resolved on. One at a time for each channel. Where it rejects,
   * `unsubscribe` is to follow.
   */
  subscribe(channel: string, onPublication: OnPublication, onPresence?: OnPresence): MaybePromise<void> {
    this.#subscribers.set(channel, onPublication)
    if (onPresence) this.#watchers.set(channel, onPresence)
    return this.#inTurn(channel, () => this.#answered(`subscribe ${channel}`, () => this.#link.subscribe(channel)))
  }

  /** The same for as long as this node is there, tried until it is done. Resolves when it has been tried once. */
  listen(channel: string, onPublication: OnPublication): MaybePromise<void> {
    const subscribed = this.subscribe(channel, onPublication)
    if (!isPromiseLike(subscribed)) return undefined
    return subscribed.catch((error: unknown) => {
      this.#report(error, `subscribe ${channel}`)
      if (this.#isClosed) return
      const retry = this.#deadlines.set(retryMs, () => {
        this.#retries.delete(retry)
        void this.listen(channel, onPublication)
      })
      this.#retries.add(retry)
    })
  }

  /** Tried until it is done, or the channel is subscribed to again. */
  unsubscribe(channel: string): void {
    this.#subscribers.delete(channel)
    this.#watchers.delete(channel)
    const what = `unsubscribe ${channel}`
    const run = () =>
      this.#subscribers.has(channel) || this.#isClosed
        ? undefined
        : this.#answered(what, () => this.#link.unsubscribe(channel))
    this.#untilTaken.say(what, what, () => this.#inTurn(channel, run))
  }

  publish(channel: string, publication: Publication, options?: PublishOptions): void {
    this.#unattended(`publish ${channel}`, () => this.tryPublish(channel, publication, options))
  }

  /** The same, for who waits for it. */
  tryPublish(channel: string, publication: Publication, options?: PublishOptions): MaybePromise<Position | undefined> {
    return this.#isClosed ? undefined : this.#link.publish(channel, publication, options)
  }

  history(channel: string, query: HistoryQuery, bounds: HistoryBounds): MaybePromise<HistoryPage> {
    return this.#answered(`history ${channel}`, () => this.#link.history(channel, query, bounds))
  }

  /** The nodes that are told of what is published on a channel. */
  subscribers(channel: string): MaybePromise<readonly string[]> {
    return this.#answered(`subscribers ${channel}`, () => this.#link.subscribers(channel))
  }

  /** Tried until it is done, or something else is said of the session there. */
  setPresence(channel: string, record: PresenceRecord): void {
    const set = () => this.#link.setPresence(channel, record)
    this.#sayPresence(channel, record.sessionId, `set presence in ${channel}`, set)
  }

  /** The same. However often it is tried, it is over `afterMs` from now. */
  removePresence(channel: string, sessionId: string, afterMs: number): void {
    const endsAtMs = this.#clock.now() + afterMs
    const remove = () => this.#link.removePresence(channel, sessionId, Math.max(0, endsAtMs - this.#clock.now()))
    this.#sayPresence(channel, sessionId, `remove presence in ${channel}`, remove)
  }

  #sayPresence(channel: string, sessionId: string, what: string, say: () => MaybePromise<void>): void {
    const answered = () => (this.#isClosed ? undefined : this.#answered(what, say))
    this.#untilTaken.say(`presence of ${sessionId} in ${channel}`, what, answered)
  }

  presence(channel: string): MaybePromise<PresenceSnapshot> {
    return this.#answered(`presence ${channel}`, () => this.#link.presence(channel))
  }

  keepResult(key: string, result: string, ttlMs: number): void {
    this.#unattended('keep a result', () => (this.#isClosed ? undefined : this.#link.keepResult(key, result, ttlMs)))
  }

  result(key: string): MaybePromise<string | undefined> {
    return this.#answered('result', () => this.#link.result(key))
  }

  send(to: string, message: string): void {
    this.#unattended(`send to ${to}`, () => (this.#isClosed ? undefined : this.#link.send(to, message)))
  }

  /** Resolves when the broker has let the node go, or has not in time. Never rejects. */
  async close(): Promise<void> {
    for (const retry of this.#retries) retry.cancel()
    try {
      const closed = this.#answered('close', () => this.#link.close(), closeLimitMs)
      if (closed) await closed
    } catch (error) {
      this.#report(error, 'close')
    } finally {
      this.#isClosed = true
      this.#untilTaken.close()
    }
  }

  #inTurn(channel: string, run: () => MaybePromise<void>): MaybePromise<void> {
    const before = this.#underWay.get(channel)
    const done = before ? before.catch(() => {}).then(run) : run()
    if (!isPromiseLike(done)) return undefined
    const last = Promise.resolve(done).finally(() => {
      if (this.#underWay.get(channel) === last) this.#underWay.delete(channel)
    })
    this.#underWay.set(channel, last)
    return last
  }

  /** What the broker answers: at once, or in time. What it throws is a rejection. */
  #answered<T>(what: string, ask: () => MaybePromise<T>, limitMs = answerLimitMs): MaybePromise<T> {
    try {
      const answer = ask()
      if (!isPromiseLike(answer)) return answer
      const late = () => new TypewireError('TIMED_OUT', `broker: ${what}: no answer within ${limitMs} ms.`)
      return withinLimit(Promise.resolve(answer), this.#deadlines, limitMs, late)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** For what nobody waits for. */
  #unattended(what: string, run: () => MaybePromise<unknown>): void {
    try {
      const done = run()
      if (isPromiseLike(done)) Promise.resolve(done).catch((error: unknown) => this.#report(error, what))
    } catch (error) {
      this.#report(error, what)
    }
  }
}
