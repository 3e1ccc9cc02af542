import type { TransportWatch } from '@typewire/client/watched'
import { frames, isName } from '@typewire/core/internal'

/** What the server has named in its frames: nobody has to know the names of a contract to hear all of it. */
export interface Hearing {
  /** An event of the server, by its name on the wire: `notice`, `admin/notice`. */
  readonly onEvent?: (name: string) => void
  /** An event of a room that the client is in. */
  readonly onRoomEvent: (name: string) => void
  /** The kind of a room that server code has joined the client to: `chat`, `admin/audit`. */
  readonly onRoom?: (kind: string) => void
}

/** Tells of each name before the client handles the frame that it is in, so that who is told may listen just in time. */
export function hear({ onEvent, onRoomEvent, onRoom }: Hearing): TransportWatch['onBatch'] {
  return (direction, text) => {
    if (direction !== 'received') return
    for (const [kind, first, second, third] of framesOf(text)) {
      if (kind === frames.event.kind) tell(onEvent, second)
      else if (kind === frames.roomEvent.kind) tell(onRoomEvent, third)
      else if (kind === frames.joined.kind) tell(onRoom, second)
      else if (kind === frames.volatileEvent.kind) tell(first === 0 ? onEvent : onRoomEvent, second)
    }
  }
}

function tell(listener: ((name: string) => void) | undefined, name: unknown): void {
  if (typeof name === 'string' && name.split('/').every(isName)) listener?.(name)
}

/** What the client would refuse is no affair of this. */
function framesOf(text: string): readonly (readonly unknown[])[] {
  try {
    const batch: unknown = JSON.parse(text)
    return Array.isArray(batch) ? batch.filter((frame) => Array.isArray(frame)) : []
  } catch {
    return []
  }
}
