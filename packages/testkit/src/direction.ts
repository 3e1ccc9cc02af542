/** Where something goes: `up` to the server, `down` to the client. */
export type Direction = 'up' | 'down'
