import { ClientRooms } from '../rooms/client-rooms.ts'
import type { ClientParts } from './parts.ts'

/** `client.join` and `client.rooms`. */
export const rooms: Pick<ClientParts, 'rooms'> = { rooms: (options) => new ClientRooms(options) }
