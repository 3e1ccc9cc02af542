/**
 * What both sides hold to. Apart from the contract, since the page imports these values, and with a value of
 * contract.ts the schema library would come into its bundle.
 */
export const limits = {
  /** A person's name, in UTF-16 units, as `<input maxlength>` counts. */
  personName: 24,
  roomName: 32,
  text: 2_000,
  /** How many messages the server keeps of a room, and a page shows: the oldest go first. */
  messagesPerRoom: 200,
  /** How many of them one has on coming in, and by each look further back. */
  messagesAtOnce: 50,
  rooms: 50,
} as const
