import type { Client } from '@typewire/client'
import type { RoomHandle, RoomStatus } from '@typewire/core'
import type { Chat, Message } from '../contract.ts'
import { limits } from '../limits.ts'
import { Outbox } from './outbox.ts'
import { Typing } from './typing.ts'

/**
 * `opening`: not joined yet, or its messages are still to come. `open`: all there. `gone`: the server has no such room.
 * `failed`: it could not be opened; `why` says so.
 */
export type RoomState =
  | { readonly name: 'opening' | 'open' | 'gone' }
  | { readonly name: 'failed'; readonly why: string }

type Handle = RoomHandle<'chat', Chat>

/** A room that this page has joined: what was said in it, and what is on its way. */
export class OpenRoom {
  readonly id: string
  readonly outbox: Outbox
  readonly typing: Typing
  state: RoomState = { name: 'opening' }
  messages: readonly Message[] = []
  unread = 0
  /** What stands in the composer while another room is shown. */
  draft = ''
  readonly #client: Client<Chat>
  #handle: Handle
  readonly #onChange: () => void
  readonly #onMessage: (room: OpenRoom) => void
  /** Counts the joins: a history that was asked for before the last one is out of date. */
  #joins = 0

  constructor(client: Client<Chat>, id: string, onChange: () => void, onMessage: (room: OpenRoom) => void) {
    this.id = id
    this.#client = client
    this.#onChange = onChange
    this.#onMessage = onMessage
    this.outbox = new Outbox(client, id, onChange, (message) => this.#add(message))
    this.typing = new Typing(onChange, (isTyping) => this.#tellTyping(isTyping))
    this.#handle = this.#join()
  }

  /** Once it was gone or failed: it may be there by now. */
  joinAgain(): void {
    this.#handle.leave()
    this.#handle = this.#join()
    this.#enter({ name: 'opening' })
  }

  leave(): void {
    this.typing.end()
    this.#handle.leave()
  }

  #join(): Handle {
    const handle = this.#client.join.chat({ roomId: this.id })
    handle.on.message((message) => {
      this.typing.hasStopped(message.author)
      this.#add(message)
      this.#onMessage(this)
    })
    handle.on.typing(({ person, isTyping }) => this.typing.hear(person, isTyping))
    handle.status.subscribe(() => this.#onStatus(handle.status.current))
    return handle
  }

  /** Also after the connection was lost: the room is joined anew, and what was missed is in its history. */
  #onStatus(status: RoomStatus): void {
    switch (status.state) {
      case 'joined':
        void this.#load(++this.#joins)
        break
      case 'left':
        if (status.by === 'server') this.#enter({ name: 'gone' })
        else this.typing.clear()
        break
      case 'denied':
        this.#enter(
          status.reason.code === 'FORBIDDEN' ? { name: 'gone' } : { name: 'failed', why: status.reason.message },
        )
        break
      default: // on its way
        this.typing.clear()
        break
    }
  }

  async #load(join: number): Promise<void> {
    const before = new Set(this.messages.map(({ id }) => id))
    const result = await this.#client.try.history({ roomId: this.id })
    if (join !== this.#joins) return
    if (result.ok) {
      // What came as an event meanwhile may be in the history or not: each message is shown once.
      const meanwhile = this.messages.filter(({ id }) => !before.has(id))
      this.messages = union(result.data, meanwhile)
      this.#enter({ name: 'open' })
    } else if (result.error.code === 'NO_SUCH_ROOM') this.#enter({ name: 'gone' })
    // A lost session is no failure: the room is joined again, and then asked again.
    else if (result.error.code !== 'SESSION_LOST') this.#enter({ name: 'failed', why: result.error.message })
  }

  #add(message: Message): void {
    this.messages = union(this.messages, [message]).slice(-limits.messagesPerRoom)
    this.#onChange()
  }

  #enter(state: RoomState): void {
    this.state = state
    this.#onChange()
  }

  /** Volatile: it does not wait for a connection, after which it would be old news. */
  #tellTyping(isTyping: boolean): void {
    if (this.#handle.status.current.state !== 'joined') return
    this.#handle.emit.typing({ isTyping }, { delivery: 'volatile' })
  }
}

function union(messages: readonly Message[], others: readonly Message[]): readonly Message[] {
  const ids = new Set(messages.map(({ id }) => id))
  return [...messages, ...others.filter(({ id }) => !ids.has(id))]
}
