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

  #add(name: string, topic: string): Room {
    const room = { id: idOf(name), name, topic }
    this.#rooms.set(room.id, room)
    return room
  }
}

/** Names that people take for the same are one room: `Tea kitchen` and `tea  KITCHEN`. */
function idOf(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, '-')
}
