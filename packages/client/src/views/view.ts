import type { Store, Unsubscribe } from '@typewire/core'
import { Listeners } from '@typewire/core/internal'
import { reportToPlatform } from '../platform.ts'
import { nextFrame } from './next-frame.ts'

/**
 * What a component shows of a client, as a store. Making one does nothing, so that it may be made while a component renders,
 * also on a server: it begins when it is first retained.
 */
export interface View<Snapshot> extends Store<Snapshot> {
  /**
   * It is in use from now on. Returns how to say that it is not any more. It ends a moment after nobody uses it: who lets go
   * and retains it again in one turn, as React's StrictMode does, has never left.
   */
  readonly retain: () => () => void
}

/** Views whose snapshots are not up to date, told together. */
const stale = new Set<ViewSource<unknown>>()

function tellSoon(view: ViewSource<unknown>): void {
  stale.add(view)
  if (stale.size > 1) return
  nextFrame(tellStale)
}

function tellStale(): void {
  const views = [...stale]
  stale.clear()
  for (const each of views) each.publish()
}

/** What all views have in common: who uses them, and when they tell. */
export abstract class ViewSource<Snapshot> implements View<Snapshot> {
  readonly initial: Snapshot
  #current: Snapshot
  #users = 0
  #end: (() => void) | undefined
  readonly #listeners = new Listeners<() => void>(reportToPlatform)

  constructor(initial: Snapshot) {
    this.initial = this.#current = initial
  }

  get current(): Snapshot {
    return this.#current
  }

  readonly subscribe = (listener: () => void): Unsubscribe => this.#listeners.add(listener)

  readonly retain = (): (() => void) => {
    this.#end ??= this.begin()
    this.#users++
    let isLetGo = false
    return () => {
      if (isLetGo) return
      isLetGo = true
      this.#users--
      setTimeout(() => this.#endUnused(), 0)
    }
  }

  #endUnused(): void {
    if (this.#users > 0) return
    const end = this.#end
    this.#end = undefined
    end?.()
  }

  /** Ends and begins again, where it is in use. */
  protected restart(): void {
    const end = this.#end
    if (!end) return
    this.#end = undefined
    end()
    this.#end = this.begin()
    this.publish()
  }

  /** Begins, and returns how to end. */
  protected abstract begin(): () => void

  /** How it is now. */
  protected abstract snapshot(): Snapshot

  /** Tells how it is now. What other views have heard before is told before: an answer is not shown ahead of its event. */
  publish(): void {
    stale.delete(this)
    if (stale.size > 0) tellStale()
    this.#current = this.snapshot()
    this.#listeners.each((listener) => listener())
  }

  /** The same with the next frame: however much comes until then, it is told once. */
  protected publishSoon(): void {
    tellSoon(this)
  }
}
