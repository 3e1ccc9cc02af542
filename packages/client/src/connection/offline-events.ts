import { type CallErrorCode, TypewireError } from '@typewire/core'
import { type Deadline, type Deadlines, frames, type OutgoingFrame } from '@typewire/core/internal'
import type { OnClientError } from '../types.ts'

/** Where an event waits to be sent. */
export interface WaitingPlace {
  /** What it waits for: a connection, or a join. */
  readonly waitsFor: 'connection' | 'join'
  /** When it was emitted: its age counts from there. */
  readonly sinceMs: number
  readonly isWaiting: () => boolean
  readonly leave: () => void
}

interface Held {
  readonly origin: string
  readonly dueMs: number
  place: WaitingPlace
}

export interface OfflineEventsOptions {
  readonly now: () => number
  readonly deadlines: Deadlines
  /** How long an event may wait, in milliseconds. */
  readonly maxAgeMs: number
  readonly onError: OnClientError
}

/**
 * Events that nobody waits for, sent while they cannot leave: each leaves in time, or is dropped and told, since what a
 * user did long ago may not be meant any more. Their bytes are bounded by the queues that they wait in.
 */
export class OfflineEvents {
  readonly #options: OfflineEventsOptions
  /** By whatever is the same for one event wherever it waits. */
  #held = new Map<unknown, Held>()
  /** Whether the oldest come first: those that are carried over from a lost session come behind younger ones. */
  #isSorted = true
  #lastDueMs = Number.NEGATIVE_INFINITY
  #deadline: Deadline | undefined
  #armedForMs = Number.POSITIVE_INFINITY

  constructor(options: OfflineEventsOptions) {
    this.#options = options
  }

  now(): number {
    return this.#options.now()
  }

  /** The event waits here from now on. */
  hold(event: unknown, origin: string, place: WaitingPlace): void {
    const held = this.#held.get(event)
    if (held) {
      held.place = place
      return
    }
    const dueMs = place.sinceMs + this.#options.maxAgeMs
    this.#held.set(event, { origin, place, dueMs })
    if (dueMs < this.#lastDueMs) this.#isSorted = false
    this.#lastDueMs = dueMs
    if (dueMs < this.#armedForMs) this.#armFor(dueMs)
  }

  /** There is a connection: what waited for one leaves. */
  onOpen(): void {
    for (const [event, { place }] of this.#held) if (place.waitsFor === 'connection') this.#held.delete(event)
    this.#arm()
  }

  /** The event has left by itself, or a newer one takes its place. */
  release(event: unknown): void {
    if (this.#held.delete(event) && this.#held.size === 0) this.#arm()
  }

  /** Nothing of what waits is sent any more, nor are these frames of the session: told together, once. */
  drop(unsent: readonly OutgoingFrame[], reason: TypewireError): void {
    const forJoins = [...this.#held.values()].filter(({ place }) => place.waitsFor === 'join' && place.isWaiting())
    for (const { place } of forJoins) place.leave()
    this.#held.clear()
    this.#arm()
    this.#tell(countEvents(unsent) + forJoins.length, 'not_sent', reason)
  }

  /** A session is lost to which these frames were written, and nobody knows whether the server has seen them. */
  tellUnknown(written: readonly OutgoingFrame[], reason: TypewireError): void {
    this.#tell(countEvents(written), 'unknown', reason)
  }

  #tell(count: number, outcome: 'not_sent' | 'unknown', { code, message }: TypewireError): void {
    if (count === 0) return
    const events = count === 1 ? '1 event' : `${count} events`
    const what = outcome === 'unknown' ? 'may not have arrived' : `${count === 1 ? 'was' : 'were'} not sent`
    this.#options.onError(new TypewireError(code as CallErrorCode, `${events} ${what}: ${message}`, { outcome }))
  }

  #arm(): void {
    this.#deadline?.cancel()
    this.#deadline = undefined
    this.#armedForMs = Number.POSITIVE_INFINITY
    this.#sort()
    const [oldest] = this.#held.values()
    if (oldest) this.#armFor(oldest.dueMs)
    else this.#lastDueMs = Number.NEGATIVE_INFINITY
  }

  #sort(): void {
    if (!this.#isSorted) this.#held = new Map([...this.#held].sort(([, a], [, b]) => a.dueMs - b.dueMs))
    this.#isSorted = true
  }

  #armFor(dueMs: number): void {
    this.#deadline?.cancel()
    this.#armedForMs = dueMs
    this.#deadline = this.#options.deadlines.set(dueMs - this.#options.now(), () => this.#expire())
  }

  #expire(): void {
    const { now, maxAgeMs, onError } = this.#options
    this.#sort()
    for (const [event, { origin, place, dueMs }] of this.#held) {
      if (dueMs > now()) break
      this.#held.delete(event)
      if (!place.isWaiting()) continue
      place.leave()
      const what = `${origin}: it could not be sent within ${maxAgeMs} ms, and was dropped.`
      onError(new TypewireError('TIMED_OUT', what, { origin, outcome: 'not_sent' }))
    }
    this.#arm()
  }
}

const quietHeads = [frames.event, frames.roomEvent].map(({ kind }) => `[${kind},0,`)

/** Events that nobody waits for: only `onError` can tell what becomes of them. */
export const isQuietEvent = (text: string): boolean => quietHeads.some((head) => text.startsWith(head))

const countEvents = (frames: readonly OutgoingFrame[]) => frames.filter(({ text }) => isQuietEvent(text)).length
