import { type Client, createClient } from '@typewire/client'
import type { Chat, Person, Room } from '../contract.ts'
import type { Credentials } from './credentials.ts'
import { OpenRoom } from './open-room.ts'

export interface ChatEvents {
  /** Something that is shown has changed. Several changes of one turn are told once. */
  readonly onChange: () => void
  /** The server has welcomed us; again after each lost session. */
  readonly onWelcome: () => void
  /** Whether this room is what somebody looks at now. */
  readonly isSeen: (room: OpenRoom) => boolean
}

/** The chat as this page knows it, without any of its looks: the client, who is here, the rooms that were opened. */
export class ChatModel {
  readonly client: Client<Chat>
  you: Person | undefined
  rooms: readonly Room[] = []
  people: readonly Person[] = []
  current: OpenRoom | undefined
  readonly #events: ChatEvents
  /** Rooms stay joined once they were opened: their news are counted while others are shown. */
  readonly #opened = new Map<string, OpenRoom>()
  #isChangeKnown = false

  constructor(credentials: Credentials, events: ChatEvents) {
    this.#events = events
    this.client = createClient<Chat>({ url: location.origin, auth: { ...credentials } })
    this.client.status.subscribe(this.changed)
    this.client.on.welcome(({ you, rooms, people }) => {
      this.you = you
      this.rooms = rooms
      this.people = people
      events.onWelcome()
      this.changed()
    })
    this.client.on.rooms((rooms) => {
      this.rooms = rooms
      this.changed()
    })
    this.client.on.people((people) => {
      this.people = people
      this.changed()
    })
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
    for (const room of this.#opened.values()) sum += room.unread
    return sum
  }

  /** Shows a room; the first time, or if it was not to be had the last time, joins it. */
  show(roomId: string): void {
    this.current?.typing.stop()
    let room = this.#opened.get(roomId)
    if (!room) {
      room = new OpenRoom(this.client, roomId, this.changed, (from) => this.#onMessage(from))
      this.#opened.set(roomId, room)
    } else if (room.state.name === 'gone' || room.state.name === 'failed') room.joinAgain()
    this.current = room
    room.unread = 0
    this.changed()
  }

  /** Somebody looks at the page again. */
  seen(): void {
    if (this.current) this.current.unread = 0
    this.changed()
  }

  async close(): Promise<void> {
    for (const room of this.#opened.values()) room.leave()
    await this.client.close()
  }

  #onMessage(room: OpenRoom): void {
    if (!this.#events.isSeen(room)) room.unread++
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
