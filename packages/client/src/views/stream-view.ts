import { isTypewireError, TypewireError } from '@typewire/core'
import { skip } from './room-view.ts'
import { ViewSource } from './view.ts'

/** How many items a view keeps unless it is told otherwise: a page of a log, not a memory that grows for ever. */
const defaultLimit = 100

export interface StreamViewOptions {
  /** How many of the last items are kept. Default 100. */
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
  readonly #limit: number
  #state: StreamSnapshot<unknown>
  /** Those that have come since the last snapshot. */
  #fresh: unknown[] = []

  constructor(stream: (input: never) => Items, input: unknown, { limit = defaultLimit }: StreamViewOptions = {}) {
    if (!(Number.isInteger(limit) && limit >= 1))
      throw new RangeError(`useStream({ limit: ${limit} }): give a whole number of at least 1.`)
    const state: StreamSnapshot<unknown> = input === skip ? { ...opening, status: 'skipped' } : opening
    super(state)
    this.#stream = stream as (input: unknown) => Items
    this.#input = input
    this.#limit = limit
    this.#state = state
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
      this.#fresh = []
      this.#state = opening
      this.publish()
    }
  }

  async #read(items: Items, run: { readonly isOver: boolean }): Promise<void> {
    try {
      for await (const item of items) {
        if (run.isOver) return
        this.#fresh.push(item)
        if (this.#fresh.length > this.#limit) this.#fresh = this.#fresh.slice(-this.#limit)
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
    if (this.#fresh.length > 0) {
      const items = [...this.#state.items, ...this.#fresh].slice(-this.#limit)
      this.#state = { ...this.#state, items }
      this.#fresh = []
    }
    return this.#state
  }
}

const unknownFailure = (cause: unknown) => new TypewireError('INTERNAL', 'The stream could not be read.', { cause })
