import type { Client } from '@typewire/client'
import type { RoomHandle, RoomStatus } from '@typewire/core'
import type { Chat, Message, Person } from '../contract.ts'
import { limits } from '../limits.ts'
import { MessageLog, messageOf } from './message-log.ts'
import { Outbox } from './outbox.ts'
import { Typing } from './typing.ts'

/**
 * `opening`: not joined yet. `open`: a member, also while the connection is lost. `gone`: the server has no such room.
 * `failed`: it could not be opened; `why` says so.
 */
export type RoomState =
  | { readonly name: 'opening' | 'open' | 'gone' }
  | { readonly name: 'failed'; readonly why: string }

type Handle = RoomHandle<'chat', Chat>

export interface RoomMember extends Person {
  /** Looks at something else, in all tabs: so the member says. */
  readonly isAway: boolean
}

export interface OpenRoomEvents {
  readonly onChange: () => void
  /** Whether this room is what somebody looks at now. */
  readonly isSeen: (room: OpenRoom) => boolean
  readonly isYours: (message: Message) => boolean
}

/** A room that this page has joined: what was said in it, who is there, and what is on its way. */
export class OpenRoom {
  readonly id: string
  readonly log: MessageLog
  readonly outbox: Outbox
  readonly typing: Typing
  state: RoomState = { name: 'opening' }
  /** What stands in the composer while another room is shown. */
  draft = ''
  readonly #client: Client<Chat>
  readonly #events: OpenRoomEvents
  #handle: Handle
  #isAway = false
  /** Some of what was said without a connection may still be to come. Counts, so that of two losses the last one counts. */
  #losses = 0
  #lossesMadeUp = 0

  constructor(client: Client<Chat>, id: string, events: OpenRoomEvents) {
    this.id = id
    this.#client = client
    this.#events = events
    this.log = new MessageLog(events)
    this.outbox = new Outbox(client, id, events.onChange)
    this.typing = new Typing(events.onChange, (isTyping) => this.#tellTyping(isTyping))
    this.#handle = this.#join()
  }

  /** Who is here, in the order in which they came. Of a person in several tabs each has its entry. */
  get members(): readonly RoomMember[] {
    return this.#handle.presence.current.members.map(({ id, entries }) => ({
      id,
      name: entries[0]!.data.name,
      isAway: entries.every(({ data }) => data.isAway),
    }))
  }

  /** Once it was gone or failed: it may be there by now. */
  joinAgain(): void {
    this.#handle.leave()
    this.log.begin()
    this.#handle = this.#join()
    this.#enter({ name: 'opening' })
  }

  leave(): void {
    this.typing.end()
    this.#handle.leave()
  }

  /** Says whether one looks at the room. In a session that follows, the join says it again. */
  setAway(isAway: boolean): void {
    if (isAway === this.#isAway) return
    this.#isAway = isAway
    this.#handle.setPresence({ isAway }).catch(() => {}) // what is wrong with the room, its status says
  }

  /** The connection is gone: from now on messages come late. What one has on coming in is not late. */
  lostConnection(): void {
    if (this.state.name === 'open') this.#losses++
  }

  /**
   * There is one again. What was missed comes first, by itself: of this session, or of the room's history where the
   * session was lost. The answer to anything that is asked now comes behind it.
   */
  async catchUp(): Promise<void> {
    const losses = this.#losses
    if (losses === this.#lossesMadeUp) return
    await this.#handle.setPresence({ isAway: this.#isAway }).catch(() => {})
    this.#lossesMadeUp = losses
  }

  get isCatchingUp(): boolean {
    return this.#lossesMadeUp < this.#losses
  }

  async loadEarlier(): Promise<void> {
    await this.log.loadEarlier(this.#handle)
  }

  #join(): Handle {
    const handle = this.#client.join.chat(
      { roomId: this.id },
      { last: limits.messagesAtOnce, presence: { isAway: this.#isAway } },
    )
    handle.on.message((message) => {
      this.typing.hasStopped(message.author)
      this.log.hear(message, this.#events.isSeen(this))
    })
    handle.on.typing(({ person, isTyping }) => this.typing.hear(person, isTyping))
    handle.onMissed(async ({ before }) => {
      try {
        await this.log.loadAnew(handle, before)
      } catch (error) {
        if (handle === this.#handle && this.state.name === 'open')
          this.#enter({ name: 'failed', why: messageOf(error) })
      }
    })
    handle.presence.subscribe(this.#events.onChange)
    handle.status.subscribe(() => this.#onStatus(handle.status.current))
    return handle
  }

  #onStatus(status: RoomStatus): void {
    switch (status.state) {
      case 'joined':
        if (status.recovered === undefined) this.log.begin(status.before) // else it goes on, or loads anew
        this.#enter({ name: 'open' })
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

  #enter(state: RoomState): void {
    this.state = state
    this.#events.onChange()
  }

  /** Volatile: it does not wait for a connection, after which it would be old news. */
  #tellTyping(isTyping: boolean): void {
    if (this.#handle.status.current.state !== 'joined') return
    this.#handle.emit.typing({ isTyping }, { delivery: 'volatile' })
  }
}
