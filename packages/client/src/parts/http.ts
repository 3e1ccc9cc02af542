import { openHttpPoll } from '../transports/http-poll.ts'
import { openHttpStream } from '../transports/http-stream.ts'
import type { ClientParts } from './parts.ts'

/** The transports over plain HTTP, for networks that let no WebSocket through. */
export const http: Pick<ClientParts, 'http'> = {
  http: () => [
    ['http-stream', openHttpStream],
    ['http-poll', openHttpPoll],
  ],
}
