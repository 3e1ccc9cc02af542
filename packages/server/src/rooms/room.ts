import type { HistoryEntry, MaybePromise, Position, Publication } from '@typewire/core'
import { frames, type OutgoingFrame } from '@typewire/core/internal'
import type { CompiledRoomKind, OutgoingEvent } from '../compile.ts'
import { optionsText, type PeerSession } from '../peer-session.ts'
import type { Feed } from './feed.ts'

/** An instance of a room, while it has members on this node, or somebody is about to be one. */
export class Room {
  /** Names the room on the wire. Never used again while this server runs (RM-2). */
  readonly number: number
  readonly kind: CompiledRoomKind
  /** As the schema of the kind gave them. */
  readonly params: unknown
  readonly key: string
  readonly members = new Set<PeerSession>()
  /** Resolves when all that is published in the room from then on comes to this node. */
  opened: MaybePromise<void> = undefined
  /** What keeps its publications whole, where the room has a history. */
  feed: Feed | undefined
  /** How many are about to be members, or not. */
  entering = 0

  constructor(number: number, kind: CompiledRoomKind, params: unknown, key: string) {
    this.number = number
    this.kind = kind
    this.params = params
    this.key = key
  }

  /** Queues an event at the members here. One frame for all, built once (RM-5); who does not get it learns its position. */
  deliver({ event: name, payload, except }: Publication, position?: Position): void {
    const event = this.kind.toClient.get(name)
    const frame = event && { text: this.text(0, event, payload, position?.offset) }
    this.#send(frame, position && { text: this.positionText(position) }, except)
  }

  /** Tells the members here that events up to this position are missed for good (HI-8). */
  tellMissed(position: Position): void {
    this.#send({ text: this.positionText(position, '{"missed":true}') })
  }

  /** The frame of what is kept of an event, for one member: the event, or its position where the event is not for it. */
  replay({ offset, publication }: HistoryEntry, epoch: string, member: PeerSession): OutgoingFrame {
    const { event: name, payload, except } = publication
    const event = this.kind.toClient.get(name)
    if (!event || isExcepted(member, except)) return { text: this.positionText({ epoch, offset }) }
    return { text: this.text(0, event, payload, offset) }
  }

  /** The text of an event's frame. The name is one of the contract's, which need no escaping. */
  text(id: number, event: OutgoingEvent, encodedPayload: string, offset?: number): string {
    const options = optionsText(id, event, offset)
    return `[${frames.roomEvent.kind},${id},${this.number},"${event.name}",${options}${encodedPayload}]`
  }

  positionText({ epoch, offset }: Position, options = '0'): string {
    return `[${frames.position.kind},${this.number},${JSON.stringify(epoch)},${offset},${options}]`
  }

  /** `frame`: none where the event is not of this contract. `other`: for those who do not get it. */
  #send(frame: OutgoingFrame | undefined, other?: OutgoingFrame, except?: readonly string[]): void {
    for (const member of this.members) {
      const sent = isExcepted(member, except) ? other : (frame ?? other)
      if (sent) member.wire.send(sent)
    }
  }
}

/** Whether a publication is not for this session, or not for its client: it may have been excepted in a lost session. */
export function isExcepted({ id, client }: PeerSession, except: readonly string[] = nobody): boolean {
  return except.length > 0 && (except.includes(id) || except.includes(client))
}

const nobody: readonly string[] = []
