import { ClientRooms } from '../rooms/client-rooms.ts'
import type { ClientPart } from './parts.ts'

/** `client.join` and `client.rooms`. */
export const rooms = { rooms: (options) => new ClientRooms(options) } as const satisfies ClientPart
