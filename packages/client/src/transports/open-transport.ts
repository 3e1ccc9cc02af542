import type { Transport, TransportEvents } from '@typewire/core'

/** Opens a transport to a URL. */
export type OpenTransport = (url: string, events: OpeningEvents) => Transport

export interface OpeningEvents extends TransportEvents {
  /** Batches can be sent from here on. Never before the opener has returned. */
  readonly onOpen: () => void
}
