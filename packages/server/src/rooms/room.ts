import type { MaybePromise, Publication } from '@typewire/core'
import { type Content, type EncodedPayload, frameOf, frames } from '@typewire/core/internal'
import type { CompiledRoomKind, OutgoingEvent } from '../compile.ts'
import { delivery } from '../delivery.ts'
import { optionsText, type PeerSession } from '../peer-session.ts'
import type { RoomPresence } from './room-presence.ts'

/** An instance of a room, while it has members on this node, or somebody is about to be one. */
export class Room {
  /** Names the room on the wire. Never used again while this server runs (RM-2). */
  readonly number: number
  readonly kind: CompiledRoomKind
  /** As the schema of the kind gave them. */
  readonly params: unknown
  readonly key: string
  readonly members = new Set<PeerSession>()
  /** Who is present, where its kind has that. */
  presence: RoomPresence | undefined
  /** Resolves when all that is published in the room from then on comes to this node; undefined when it does. */
  opened: MaybePromise<void> = undefined
  /** How many are about to be members, or not. */
  entering = 0
  /** Sessions with joins under way, which server code may still refuse. */
  readonly joining = new Set<PeerSession>()
  /** How often server code has asked to judge members anew: what `authorize` began to judge before does not count. */
  reviews = 0

  constructor(number: number, kind: CompiledRoomKind, params: unknown, key: string) {
    this.number = number
    this.kind = kind
    this.params = params
    this.key = key
  }

  /** Gives an event to the members here, or some of them, as it is to be delivered. */
  deliver(publication: Publication, members: Iterable<PeerSession> = this.members): void {
    const event = this.kind.toClient.get(publication.event)
    if (!event) return // of a node whose contract has more
    const deliver = delivery(event, this.number, publication)
    const { except = nobody } = publication
    for (const member of members) if (!except.includes(member.id)) deliver(member.wire)
  }

  /** The frame of an event that asks for an ack. The name is one of the contract's, which need no escaping. */
  question(id: number, event: OutgoingEvent, payload: EncodedPayload): Content {
    const head = `[${frames.roomEvent.kind},${id},${this.number},"${event.name}",${optionsText(id, event)}`
    return frameOf(head, payload)
  }
}

const nobody: readonly string[] = []
