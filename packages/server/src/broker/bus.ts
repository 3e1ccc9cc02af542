import { randomUUID } from 'node:crypto'
import type { Broker, BrokerLink, MaybePromise, Publication } from '@typewire/core'
import { isPromiseLike } from '@typewire/core/internal'

export type OnPublication = (publication: Publication) => void

/** The channel of what goes to sessions, in no room. Kinds of rooms, with which other channels begin, are names. */
export const sessionsChannel = '*'

/** This node's end of the broker: who here is told of what is published, and who of what other nodes say. */
export class Bus {
  /** Names this node. */
  readonly node = randomUUID()
  readonly #link: BrokerLink
  readonly #report: (error: unknown, what: string) => void
  readonly #subscribers = new Map<string, OnPublication>()
  /** What is under way of subscribing and unsubscribing: one after the other for each channel. */
  readonly #underWay = new Map<string, Promise<void>>()
  /** Gets what is published on a channel that this node is about to leave, or has not told the broker of yet. */
  onUnheard: OnPublication = () => {}
  /** Gets what nodes say to each other. */
  onMessage: (from: string, message: string) => void = () => {}

  /** `report` gets what fails and nobody waits for. */
  constructor(broker: Broker, report: (error: unknown, what: string) => void) {
    this.#report = report
    this.#link = broker.connect(this.node, {
      onPublication: (channel, publication) => (this.#subscribers.get(channel) ?? this.onUnheard)(publication),
      onMessage: (from, message) => this.onMessage(from, message),
    })
  }

  /** Tells of what is published on a channel, from when it has resolved on. One at a time for each channel. */
  subscribe(channel: string, onPublication: OnPublication): MaybePromise<void> {
    this.#subscribers.set(channel, onPublication)
    return this.#inTurn(channel, () => this.#link.subscribe(channel))
  }

  /** The same, for what nobody waits for. */
  listen(channel: string, onPublication: OnPublication): void {
    this.#unattended(`subscribe ${channel}`, () => this.subscribe(channel, onPublication))
  }

  unsubscribe(channel: string): void {
    this.#subscribers.delete(channel)
    this.#unattended(`unsubscribe ${channel}`, () =>
      this.#inTurn(channel, () => (this.#subscribers.has(channel) ? undefined : this.#link.unsubscribe(channel))),
    )
  }

  publish(channel: string, publication: Publication): void {
    this.#unattended(`publish ${channel}`, () => this.#link.publish(channel, publication))
  }

  /** The nodes that are told of what is published on a channel. */
  subscribers(channel: string): MaybePromise<readonly string[]> {
    return this.#link.subscribers(channel)
  }

  send(to: string, message: string): void {
    this.#unattended(`send to ${to}`, () => this.#link.send(to, message))
  }

  close(): MaybePromise<void> {
    return this.#link.close()
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

  /** For what nobody waits for. */
  #unattended(what: string, run: () => MaybePromise<void>): void {
    try {
      const done = run()
      if (isPromiseLike(done)) Promise.resolve(done).catch((error: unknown) => this.#report(error, what))
    } catch (error) {
      this.#report(error, what)
    }
  }
}
