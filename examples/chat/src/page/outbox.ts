import type { Client } from '@typewire/client'
import type { ErrorOf } from '@typewire/core'
import type { Chat } from '../contract.ts'

/** A text that has been sent and not been answered, or refused. */
export interface Outgoing {
  readonly id: number
  readonly text: string
  readonly state:
    | { readonly name: 'sending'; readonly controller: AbortController }
    /** `retryAtMs`: the server takes nothing before that. */
    | { readonly name: 'failed'; readonly why: string; readonly retryAtMs: number }
}

let lastId = 0

/** What is on its way to a room. While there is no connection it waits here, in order, and is sent once there is. */
export class Outbox {
  items: readonly Outgoing[] = []
  readonly #client: Client<Chat>
  readonly #roomId: string
  readonly #onChange: () => void

  constructor(client: Client<Chat>, roomId: string, onChange: () => void) {
    this.#client = client
    this.#roomId = roomId
    this.#onChange = onChange
  }

  /** Whether something here may be sent again, but not yet. */
  get isHeldBack(): boolean {
    return this.items.some(({ state }) => state.name === 'failed' && state.retryAtMs > Date.now())
  }

  send(text: string): void {
    const id = ++lastId
    this.#set([...this.items, this.#start(id, text)])
  }

  sendAgain({ id, text }: Outgoing): void {
    this.#set([...this.items.filter((item) => item.id !== id), this.#start(id, text)])
  }

  discard({ id, state }: Outgoing): void {
    if (state.name === 'sending') state.controller.abort()
    this.#set(this.items.filter((item) => item.id !== id))
  }

  #start(id: number, text: string): Outgoing {
    const controller = new AbortController()
    void this.#run(id, text, controller.signal)
    return { id, text, state: { name: 'sending', controller } }
  }

  async #run(id: number, text: string, signal: AbortSignal): Promise<void> {
    const result = await this.#client.try.send({ roomId: this.#roomId, text }, { signal })
    // The message itself has come by then: the server tells the room first.
    if (result.ok) this.#set(this.items.filter((item) => item.id !== id))
    else if (result.error.code !== 'ABORTED') {
      const failed: Outgoing = { id, text, state: { name: 'failed', ...describeFailure(result.error) } }
      this.#set(this.items.map((item) => (item.id === id ? failed : item)))
    }
  }

  #set(items: readonly Outgoing[]): void {
    this.items = items
    this.#onChange()
  }
}

function describeFailure(error: ErrorOf<Client<Chat>['call']['send']>): { why: string; retryAtMs: number } {
  switch (error.code) {
    case 'TOO_FAST':
      return { why: 'That was too fast.', retryAtMs: Date.now() + error.data.retryAfterMs }
    case 'NO_SUCH_ROOM':
      return { why: 'This room is gone.', retryAtMs: 0 }
    case 'SESSION_LOST':
      return error.outcome === 'not_sent'
        ? { why: 'The connection broke before it was sent.', retryAtMs: 0 }
        : { why: 'The connection broke before the answer came: it may have been sent.', retryAtMs: 0 }
    default:
      return { why: error.message, retryAtMs: 0 }
  }
}
