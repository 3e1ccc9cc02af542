import type { Room } from '../contract.ts'
import { limits } from '../limits.ts'

/** The rooms that are there from the start. */
const givenRooms = [
  { name: 'Lobby', topic: 'Say hello' },
  { name: 'Workshop', topic: 'What are you making?' },
  { name: 'Tea kitchen', topic: 'Anything but work' },
]

/** The rooms, in memory: a restart forgets those that people have opened. What was said in them is their history's. */
export class RoomStore {
  readonly #rooms = new Map<string, Room>()
  /** The ids of what was said last in each, as many as its history keeps: what a page sends again is not said twice. */
  readonly #said = new Map<string, Set<string>>()

  constructor() {
    for (const { name, topic } of givenRooms) this.#add(name, topic)
  }

  rooms(): Room[] {
    return [...this.#rooms.values()]
  }

  has(roomId: string): boolean {
    return this.#rooms.has(roomId)
  }

  find(name: string): Room | undefined {
    return this.#rooms.get(idOf(name))
  }

  /** Makes a room, or says by `undefined` that there are too many. */
  create(name: string): Room | undefined {
    return this.#rooms.size < limits.rooms ? this.#add(name, '') : undefined
  }

  hasSaid(roomId: string, messageId: string): boolean {
    return this.#said.get(roomId)?.has(messageId) ?? false
  }

  /** The room must be there. */
  remember(roomId: string, messageId: string): void {
    const said = this.#said.get(roomId)!
    said.add(messageId)
    const [oldest] = said
    if (oldest !== undefined && said.size > limits.messagesPerRoom) said.delete(oldest)
  }

  #add(name: string, topic: string): Room {
    const room = { id: idOf(name), name, topic }
    this.#rooms.set(room.id, room)
    this.#said.set(room.id, new Set())
    return room
  }
}

/** Names that people take for the same are one room: `Tea kitchen` and `tea  KITCHEN`. */
function idOf(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, '-')
}
