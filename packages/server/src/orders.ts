import type { InOrder } from './in-order.ts'

/** Keeps what each channel is sent in order, whatever its schemas do; there while something waits. */
export class Orders {
  readonly #newOrder: (channel: string, onIdle: () => void) => InOrder
  readonly #busy = new Map<string, InOrder>()

  constructor(newOrder: (channel: string, onIdle: () => void) => InOrder) {
    this.#newOrder = newOrder
  }

  /** As `InOrder.run`, for one channel. */
  run<T>(channel: string, value: T | Promise<T>, then: (value: T) => void, onError?: (error: unknown) => void): void {
    let order = this.#busy.get(channel)
    if (!order && !(value instanceof Promise)) return then(value)
    if (!order) this.#busy.set(channel, (order = this.#newOrder(channel, () => this.#busy.delete(channel))))
    order.run(value, then, onError)
  }
}
