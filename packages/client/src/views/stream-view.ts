import { isTypewireError, TypewireError } from '@typewire/core'
import { LastItems } from './last-items.ts'
import { skip } from './room-view.ts'
import { ViewSource } from './view.ts'

export interface StreamViewOptions {
  /** How many of the last items are kept. Default 100. May be another later: those that it has stay, if they may. */
  readonly limit?: number | undefined
}

/** What is to be seen of a stream. Replaced, never mutated. */
export interface StreamSnapshot<Item, Failure = TypewireError> {
  /** The last items, oldest first. */
  readonly items: readonly Item[]
  readonly latest: Item | undefined
  /** How many have come in all. */
  readonly count: number
  /** `opening`: called, and nothing has come. `open`: items come. `done`: to its end. `failed`: by `error`. */
  readonly status: 'skipped' | 'opening' | 'open' | 'done' | 'failed'
  readonly error: Failure | undefined
}

const opening: StreamSnapshot<unknown> = {
  items: [],
  latest: undefined,
  count: 0,
  status: 'opening',
  error: undefined,
}

type Items = AsyncIterable<unknown> & Partial<AsyncIterator<unknown>>

/** A stream, read while anybody uses the view. Items are told with the next frame, however many come. */
export class StreamView extends ViewSource<StreamSnapshot<unknown>> {
  readonly #stream: (input: unknown) => Items
  readonly #input: unknown
  readonly #last: LastItems
  #state: StreamSnapshot<unknown>

  /** @throws RangeError for a limit that is none. */
  constructor(stream: (input: never) => Items, input: unknown, { limit }: StreamViewOptions = {}) {
    const state: StreamSnapshot<unknown> = input === skip ? { ...opening, status: 'skipped' } : opening
    super(state)
    this.#stream = stream as (input: unknown) => Items
    this.#input = input
    this.#last = new LastItems('useStream', limit)
    this.#state = state
  }

  /** Keeps so many from now on. @throws RangeError */
  keep(limit: number | undefined): void {
    if (this.#last.keep(limit)) this.publish()
  }

  protected override begin(): () => void {
    if (this.#input === skip) return () => {}
    const run = { isOver: false }
    const items = this.#stream(this.#input)
    void this.#read(items, run)
    return () => {
      run.isOver = true
      void items.return?.()?.catch(() => {}) // what it ends by was shown, or is nobody's
      // Whoever uses it again begins anew.
      this.#last.clear()
      this.#state = opening
      this.publish()
    }
  }

  async #read(items: Items, run: { readonly isOver: boolean }): Promise<void> {
    try {
      for await (const item of items) {
        if (run.isOver) return
        this.#last.add(item)
        this.#state = { ...this.#state, status: 'open', latest: item, count: this.#state.count + 1 }
        this.publishSoon()
      }
      if (!run.isOver) this.#end({ status: 'done', error: undefined })
    } catch (error) {
      if (run.isOver) return
      this.#end({ status: 'failed', error: isTypewireError(error) ? error : unknownFailure(error) })
    }
  }

  #end(end: Pick<StreamSnapshot<unknown>, 'status' | 'error'>): void {
    this.#state = { ...this.#state, ...end }
    this.publish()
  }

  /** Calls the stream again, from its beginning. */
  readonly retry = (): void => this.restart()

  protected override snapshot(): StreamSnapshot<unknown> {
    const items = this.#last.look()
    if (items !== this.#state.items) this.#state = { ...this.#state, items }
    return this.#state
  }
}

const unknownFailure = (cause: unknown) => new TypewireError('INTERNAL', 'The stream could not be read.', { cause })
