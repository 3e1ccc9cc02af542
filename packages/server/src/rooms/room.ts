import type { OutgoingFrame } from '@typewire/core/internal'
import type { CompiledRoomKind } from '../compile.ts'
import type { InOrder } from '../in-order.ts'
import type { PeerSession } from '../peer-session.ts'

/** An instance of a room, while it has members. */
export class Room {
  /** Names the room on the wire. Never used again while this server runs (RM-2). */
  readonly number: number
  readonly kind: CompiledRoomKind
  /** As the schema of the kind gave them. */
  readonly params: unknown
  readonly key: string
  readonly members = new Set<PeerSession>()
  /** Keeps the room's events in order, whatever their schemas do. */
  readonly order: InOrder

  constructor(number: number, kind: CompiledRoomKind, params: unknown, key: string, order: InOrder) {
    this.order = order
    this.number = number
    this.kind = kind
    this.params = params
    this.key = key
  }

  /** Queues one frame, built once, at every member that is not excluded. */
  send(frame: OutgoingFrame, except: ReadonlySet<string>): void {
    for (const member of this.members) {
      if (!except.has(member.id)) member.wire.send(frame)
    }
  }
}
