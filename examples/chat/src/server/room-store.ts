import { randomUUID } from 'node:crypto'
import type { Message, Person, Room } from '../contract.ts'
import { limits } from '../limits.ts'

/** The rooms that are there from the start. */
const givenRooms = [
  { name: 'Lobby', topic: 'Say hello' },
  { name: 'Workshop', topic: 'What are you making?' },
  { name: 'Tea kitchen', topic: 'Anything but work' },
]

interface Entry {
  readonly room: Room
  readonly messages: Message[]
}

/** The rooms and their last messages, in memory: a restart forgets them. */
export class RoomStore {
  readonly #entries = new Map<string, Entry>()

  constructor() {
    for (const { name, topic } of givenRooms) this.#add(name, topic)
  }

  rooms(): Room[] {
    return Array.from(this.#entries.values(), ({ room }) => room)
  }

  has(roomId: string): boolean {
    return this.#entries.has(roomId)
  }

  find(name: string): Room | undefined {
    return this.#entries.get(idOf(name))?.room
  }

  /** Makes a room, or says by `undefined` that there are too many. */
  create(name: string): Room | undefined {
    return this.#entries.size < limits.rooms ? this.#add(name, '') : undefined
  }

  /** `undefined` where there is no such room. */
  messages(roomId: string): readonly Message[] | undefined {
    return this.#entries.get(roomId)?.messages
  }

  addMessage(roomId: string, author: Person, text: string): Message | undefined {
    const messages = this.#entries.get(roomId)?.messages
    if (!messages) return undefined
    const message = { id: randomUUID(), author, text, sentAt: new Date() }
    messages.push(message)
    if (messages.length > limits.messagesPerRoom) messages.shift()
    return message
  }

  #add(name: string, topic: string): Room {
    const room = { id: idOf(name), name, topic }
    this.#entries.set(room.id, { room, messages: [] })
    return room
  }
}

/** Names that people take for the same are one room: `Tea kitchen` and `tea  KITCHEN`. */
function idOf(name: string): string {
  return name.normalize('NFKC').toLowerCase().trim().replace(/\s+/g, '-')
}
