import type { MaybePromise, Publication } from '@typewire/core'
import { frames, type OutgoingFrame } from '@typewire/core/internal'
import type { CompiledRoomKind, OutgoingEvent } from '../compile.ts'
import { optionsText, type PeerSession } from '../peer-session.ts'

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

  /** Queues an event at the members here, or some of them. One frame for all, built once (RM-5). */
  deliver({ event: name, payload, except }: Publication, members: Iterable<PeerSession> = this.members): void {
    const event = this.kind.toClient.get(name)
    if (!event) return // of a node whose contract has more
    this.#send({ text: this.text(0, event, payload) }, members, except)
  }

  /** The text of an event's frame. The name is one of the contract's, which need no escaping. */
  text(id: number, event: OutgoingEvent, encodedPayload: string): string {
    return `[${frames.roomEvent.kind},${id},${this.number},"${event.name}",${optionsText(id, event)}${encodedPayload}]`
  }

  #send(frame: OutgoingFrame, members: Iterable<PeerSession>, except: readonly string[] = nobody): void {
    for (const member of members) if (!except.includes(member.id)) member.wire.send(frame)
  }
}

const nobody: readonly string[] = []
