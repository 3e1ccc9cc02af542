import type { Transport, TransportEvents } from '@typewire/core'
import type { Deadlines } from '@typewire/core/internal'
import type { HasCodec } from '../codec.ts'

/** What a client can connect by. */
export type TransportName = 'websocket' | 'http-stream' | 'http-poll'

/** Opens a transport. `url`: where Typewire is, by http or https. */
export type OpenTransport = (url: string, events: OpeningEvents, means: OpeningMeans) => Transport

/** What a transport works with. */
export interface OpeningMeans extends HasCodec {
  readonly deadlines: Deadlines
}

export interface OpeningEvents extends TransportEvents {
  /** Batches can be sent from here on. Never before the opener has returned. */
  readonly onOpen: () => void
}

/** `https://…` as `wss://…`. */
export function webSocketUrl(url: string): string {
  return url.replace(/^http/, 'ws')
}
