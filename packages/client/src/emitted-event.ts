import type { EncodedPayload } from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import { optionsText } from './time-limit.ts'

/** An event that nobody waits for. */
export interface EmittedEvent {
  /** Its place among all that is asked and emitted. */
  readonly order: number
  /** When it was emitted. */
  readonly sinceMs: number
  readonly name: string
  /** Its name as it is on the wire, and its options, as JSON text. */
  readonly head: string
  /** For errors: `chat.typing`. */
  readonly origin: string
  readonly encoded: EncodedPayload
}

/**
 * An event whose bytes are filled in when they are there, and not in a copy: to spread one object into another takes
 * microseconds (docs/performance.md).
 */
export function emittedNow(connection: Connection, name: string, origin: string): Unready {
  const head = quietHead(connection, name, origin)
  return { order: nextOrder(), sinceMs: connection.now(), name, head, origin, encoded: '' }
}

interface Unready extends EmittedEvent {
  encoded: EncodedPayload
}

let orders = 0

/** The place of what is asked now among all that is. */
export const nextOrder = (): number => ++orders

/** The name and the options of an event that nobody waits for, as JSON text. Its span is over when it has left the application. */
function quietHead({ tracer }: Connection, name: string, origin: string): string {
  const span = tracer?.(origin, 'event')
  span?.end()
  return `${JSON.stringify(name)},${optionsText(Infinity, span?.context)}`
}
