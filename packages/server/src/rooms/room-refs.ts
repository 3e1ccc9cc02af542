import type { AnyContract, CallOptions, RoomRef } from '@typewire/core'
import { type Content, describeIssues, type EncodedPayload, frameOf, frames, timedOut } from '@typewire/core/internal'
import type { CompiledRoomKind, OutgoingEvent } from '../compile.ts'
import type { InOrder } from '../in-order.ts'
import type { ServerNode } from '../node.ts'
import { encodeSent } from '../outgoing.ts'
import { optionsText } from '../peer-session.ts'
import { verbGroups } from '../verb-group.ts'
import { withinLimit } from '../within-limit.ts'
import { askMembers } from './ask-members.ts'
import { identify, type RoomIdentity } from './rooms.ts'

/** The public `RoomRef`, of any contract. */
export type AnyRoomRef = RoomRef<string, AnyContract>

/** Makes the references of one kind of room: `server.rooms.chat(params)`. */
export class RoomRefs {
  readonly #node: ServerNode
  readonly #kind: CompiledRoomKind
  readonly #emits: (ref: Reference) => object
  readonly #emitsWithAck: (ref: Reference) => object

  constructor(node: ServerNode, kind: CompiledRoomKind) {
    this.#node = node
    this.#kind = kind
    const names = [...kind.toClient.keys()]
    this.#emits = verbGroups(names, (ref, name) => (payload: unknown) => ref.emitEvent(this.#event(name), payload))
    this.#emitsWithAck = verbGroups(
      names,
      (ref, name) => (payload: unknown, options?: CallOptions) => ref.askMembers(this.#event(name), payload, options),
    )
  }

  /** @throws TypeError when the params do not match the schema of the kind. */
  to(params: unknown): AnyRoomRef {
    const identity = identify(this.#kind, params)
    if ('kind' in identity) return this.of(identity)
    throw new TypeError(`server.rooms.${this.#kind.kind}(params): ${describeIssues(identity)}`)
  }

  of(identity: RoomIdentity, except: ReadonlySet<string> = nobody): AnyRoomRef {
    return new Reference(this.#node, this, identity, except)
  }

  emits(ref: Reference): object {
    return this.#emits(ref)
  }

  emitsWithAck(ref: Reference): object {
    return this.#emitsWithAck(ref)
  }

  #event(name: string): OutgoingEvent {
    return this.#kind.toClient.get(name)!
  }
}

/** How much longer the whole of it may take than the members, in milliseconds. */
const schemaGraceMs = 100

const nobody: ReadonlySet<string> = new Set()

/** An instance, without the sessions that it excepts. It holds no members: they are looked up when it emits. */
class Reference implements AnyRoomRef {
  readonly kind: string
  readonly key: string
  readonly identity: RoomIdentity
  readonly #node: ServerNode
  readonly #refs: RoomRefs
  readonly #except: ReadonlySet<string>

  constructor(node: ServerNode, refs: RoomRefs, identity: RoomIdentity, except: ReadonlySet<string>) {
    this.#node = node
    this.#refs = refs
    this.#except = except
    this.identity = identity
    this.kind = identity.kind.kind
    this.key = identity.key
  }

  get emit(): {} {
    return this.#refs.emits(this)
  }

  get emitWithAck(): {} {
    return this.#refs.emitsWithAck(this)
  }

  readonly except = (...sessions: readonly { readonly id: string }[]): AnyRoomRef =>
    this.#refs.of(this.identity, new Set([...this.#except, ...sessions.map(({ id }) => id)]))

  /** Validated and encoded once, and one frame for all members (RM-5). */
  emitEvent(event: OutgoingEvent, payload: unknown): void {
    const where = `${this.kind}.${event.name}`
    const encoded = encodeSent(event, payload, where, 'the payload')
    this.#order().run(encoded, (ready) => {
      const room = this.#node.rooms.find(this.key)
      room?.send(roomEventFrame(0, room.number, event, ready), this.#except)
    })
  }

  /** In the order of the room's events, to those who are members when its turn comes. */
  async askMembers(event: OutgoingEvent, payload: unknown, options: CallOptions = {}): Promise<unknown> {
    const where = `${this.kind}.${event.name}`
    const encoded = encodeSent(event, payload, where, 'the payload')
    const answers = new Promise<unknown>((resolve, reject) => {
      this.#order().run(encoded, (ready) => resolve(this.#ask(event, where, ready, options)), reject)
    })
    const { deadlines, settings } = this.#node
    // Beside the members' own limit, which says who has not answered: for a schema that never does.
    const { timeoutMs = settings.timeoutMs } = options
    return withinLimit(answers, deadlines, timeoutMs + schemaGraceMs, () => timedOut(where, timeoutMs))
  }

  #ask(event: OutgoingEvent, where: string, encoded: EncodedPayload, options: CallOptions): unknown {
    const room = this.#node.rooms.find(this.key)
    if (!room) return []
    const members = [...room.members].filter(({ id }) => !this.#except.has(id))
    const id = this.#node.nextRequestId()
    const frame = roomEventFrame(id, room.number, event, encoded)
    return askMembers(this.#node, members, event, { id, where, frame }, options)
  }

  /** Of the room; one without members has nothing to keep in order. */
  #order(): InOrder {
    return this.#node.rooms.find(this.key)?.order ?? this.#node.newOrder(this.#report)
  }

  readonly #report = (error: unknown) => this.#node.incidents.report(error, `room ${this.key} emit`)
}

/** The identity behind a reference. @throws TypeError for what `server.rooms.x(params)` did not make. */
export function identityOf(ref: unknown): RoomIdentity {
  if (ref instanceof Reference) return ref.identity
  throw new TypeError('Give a room of this server: session.join(server.rooms.chat({ roomId })).')
}

/** A room event's frame (RM-5). The name is one of the contract's, which need no escaping. */
function roomEventFrame(id: number, room: number, event: OutgoingEvent, payload: EncodedPayload): Content {
  return frameOf(`[${frames.roomEvent.kind},${id},${room},"${event.name}",${optionsText(id, event)}`, payload)
}
