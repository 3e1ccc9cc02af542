import type { HistoryEntry, MaybePromise, Position, Publication } from '@typewire/core'
import { type Content, type EncodedPayload, frameOf, frames } from '@typewire/core/internal'
import type { CompiledRoomKind, OutgoingEvent } from '../compile.ts'
import { delivery, optionsText, payloadOf } from '../delivery.ts'
import type { PeerSession } from '../peer-session.ts'
import type { Feed } from './feed.ts'
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
  /** What keeps its publications whole, where the room has a history. */
  feed: Feed | undefined
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

  /**
   * Gives an event to the members here, as it is to be delivered, or to those of them that are `chosen`. Who does not get it
   * learns its position (HI-6).
   */
  deliver(publication: Publication, position?: Position, chosen?: ReadonlySet<PeerSession>): void {
    const event = this.kind.toClient.get(publication.event) // none where a node's contract has more
    const deliver = event && delivery(event, this.number, publication, position?.offset)
    const other = position && { text: this.positionText(position) }
    const { except } = publication
    for (const member of this.members) {
      if (deliver && (chosen ? chosen.has(member) : !isExcepted(member, except))) deliver(member.wire)
      else if (other) member.wire.send(other)
    }
  }

  /** Tells the members here that events up to this position are missed for good (HI-8). */
  tellMissed(position: Position): void {
    const frame = { text: this.positionText(position, '{"missed":true}') }
    for (const member of this.members) member.wire.send(frame)
  }

  /** The frame of what is kept of an event, for one member: the event, or its position where the event is not for it. */
  replay({ offset, publication }: HistoryEntry, epoch: string, member: PeerSession): Content {
    const event = this.kind.toClient.get(publication.event)
    if (!event || isExcepted(member, publication.except)) return { text: this.positionText({ epoch, offset }) }
    return this.question(0, event, payloadOf(publication), offset)
  }

  /** The frame of an event, with an id where it asks for an ack. The name is one of the contract's, which need no escaping. */
  question(id: number, event: OutgoingEvent, payload: EncodedPayload, offset?: number): Content {
    const options = optionsText(id, event, offset)
    return frameOf(`[${frames.roomEvent.kind},${id},${this.number},"${event.name}",${options}`, payload)
  }

  positionText({ epoch, offset }: Position, options = '0'): string {
    return `[${frames.position.kind},${this.number},${JSON.stringify(epoch)},${offset},${options}]`
  }
}

/** Whether a publication is not for this session, or not for its client: it may have been excepted in a lost session. */
export function isExcepted(session: PeerSession, except: readonly string[] | undefined): boolean {
  return except !== undefined && (except.includes(session.id) || except.includes(session.client))
}
