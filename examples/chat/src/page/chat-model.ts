import { type Client, createClient } from '@typewire/client'
import type { Chat, Message, Person, Room } from '../contract.ts'
import type { Credentials } from './credentials.ts'
import { OpenRoom } from './open-room.ts'

export interface ChatEvents {
  /** Something that is shown has changed. Several changes of one turn are told once. */
  readonly onChange: () => void
  /** The server has welcomed us; again after each lost session. */
  readonly onWelcome: () => void
  /** Whether the page can be seen. */
  readonly isVisible: () => boolean
}

/** The chat as this page knows it, without any of its looks: the client, the rooms that were opened. */
export class ChatModel {
  readonly client: Client<Chat>
  you: Person | undefined
  rooms: readonly Room[] = []
  current: OpenRoom | undefined
  readonly #events: ChatEvents
  /** Rooms stay joined once they were opened: their news are counted while others are shown. */
  readonly #opened = new Map<string, OpenRoom>()
  #isChangeKnown = false

  constructor(credentials: Credentials, events: ChatEvents) {
    this.#events = events
    this.client = createClient<Chat>({ url: location.origin, auth: { ...credentials } })
    this.client.status.subscribe(() => {
      for (const room of this.#opened.values()) {
        if (this.isConnected) void room.catchUp()
        else room.lostConnection()
      }
      this.changed()
    })
    this.client.on.welcome(({ you, rooms }) => {
      this.you = you
      this.rooms = rooms
      events.onWelcome()
      this.changed()
    })
    this.client.on.rooms((rooms) => {
      this.rooms = rooms
      this.changed()
    })
  }

  get isConnected(): boolean {
    return this.client.status.current.state === 'open'
  }

  /** What there is to know of a room that may not be there (any more). */
  describe(roomId: string): Room {
    return this.rooms.find(({ id }) => id === roomId) ?? { id: roomId, name: roomId, topic: '' }
  }

  openedRoom(roomId: string): OpenRoom | undefined {
    return this.#opened.get(roomId)
  }

  get unread(): number {
    let sum = 0
    for (const room of this.#opened.values()) sum += room.log.unread
    return sum
  }

  /** Shows a room; the first time, or if it was not to be had the last time, joins it. */
  show(roomId: string): void {
    this.#leaveCurrent(roomId)
    let room = this.#opened.get(roomId)
    if (!room) {
      room = new OpenRoom(this.client, roomId, {
        onChange: this.changed,
        isSeen: (one) => this.#isSeen(one),
        isYours: (message) => this.#isYours(message),
      })
      this.#opened.set(roomId, room)
    } else if (room.state.name === 'gone' || room.state.name === 'failed') room.joinAgain()
    this.current = room
    room.log.unread = 0
    this.look()
  }

  #leaveCurrent(roomId: string): void {
    const { current } = this
    if (!current || current.id === roomId) return
    current.typing.stop()
    current.log.news = undefined
    current.setAway(true)
  }

  /** Somebody looks at the page, or has ceased to. */
  look(): void {
    const { current } = this
    if (!current) return
    current.setAway(!this.#events.isVisible())
    if (this.#isSeen(current)) current.log.unread = 0
    this.changed()
  }

  async close(): Promise<void> {
    for (const room of this.#opened.values()) room.leave()
    await this.client.close()
  }

  /** What comes late, after a lost connection, is seen when somebody stirs: who knows since when they look elsewhere. */
  #isSeen(room: OpenRoom): boolean {
    return room === this.current && this.#events.isVisible() && this.isConnected && !room.isCatchingUp
  }

  #isYours({ author }: Message): boolean {
    return author.id === this.you?.id
  }

  readonly changed = (): void => {
    if (this.#isChangeKnown) return
    this.#isChangeKnown = true
    queueMicrotask(() => {
      this.#isChangeKnown = false
      this.#events.onChange()
    })
  }
}
