import {
  type AnyContract,
  type CallOptions,
  type Publication,
  type RoomEmitOptions,
  type RoomRef,
  TypewireError,
} from '@typewire/core'
import { describeIssues, type EncodedPayload, timedOut } from '@typewire/core/internal'
import type { CompiledRoomKind, OutgoingEvent } from '../compile.ts'
import { mayBeKept, publicationOf } from '../delivery.ts'
import { clientOf } from '../facade-clients.ts'
import type { ServerNode } from '../node.ts'
import { encodeEvent, encodeSent } from '../outgoing.ts'
import { verbGroups } from '../verb-group.ts'
import { withinLimit } from '../within-limit.ts'
import { memberAck } from './member-acks.ts'
import { presenceOf } from './read-presence.ts'
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
    this.#emits = verbGroups(
      names,
      (ref, name) => (payload: unknown, options?: RoomEmitOptions) =>
        ref.emitEvent(this.#event(name), payload, options),
    )
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

  of(identity: RoomIdentity, scope: Scope = everybody): AnyRoomRef {
    return new Reference(this.#node, this, identity, scope)
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
const schemaGraceMs = 2_000

/** To whom of a room it goes, and how. */
interface Scope {
  /** The ids of sessions that it does not go to. */
  readonly except: ReadonlySet<string>
  /** Whatever the contract declares. */
  readonly isVolatile: boolean
}

const everybody: Scope = { except: new Set(), isVolatile: false }

/** An instance, without the sessions that it excepts. It holds no members: they are looked up when it emits. */
class Reference implements AnyRoomRef {
  readonly kind: string
  readonly key: string
  readonly identity: RoomIdentity
  readonly #node: ServerNode
  readonly #refs: RoomRefs
  readonly #scope: Scope

  constructor(node: ServerNode, refs: RoomRefs, identity: RoomIdentity, scope: Scope) {
    this.#node = node
    this.#refs = refs
    this.#scope = scope
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

  get volatile(): AnyRoomRef {
    return this.#refs.of(this.identity, { ...this.#scope, isVolatile: true })
  }

  readonly except = (...sessions: readonly { readonly id: string }[]): AnyRoomRef => {
    const except = new Set([...this.#scope.except, ...sessions.flatMap((session) => this.#names(session))])
    return this.#refs.of(this.identity, { ...this.#scope, except })
  }

  readonly presence = () => presenceOf(this.#node, this.identity)

  /** A room with a history remembers who is excepted for longer than sessions last: by client (HI-6). */
  #names(session: { readonly id: string }): readonly string[] {
    const client = this.#node.historyOf(this.kind) && (clientOf(session) ?? this.#node.sessions.get(session.id)?.client)
    return client === undefined ? [session.id] : [session.id, client]
  }

  /**
   * Validated and encoded once; each node's members get one frame (RM-5).
   * @throws TypeError for a key of what no history keeps.
   */
  emitEvent(event: OutgoingEvent, payload: unknown, { key }: RoomEmitOptions = {}): void {
    const { isVolatile } = this.#scope
    const history = this.#node.historyOf(this.kind)
    if (key !== undefined && (!history || isVolatile || event.delivery !== 'reliable')) {
      throw new TypeError(`${this.#where(event)}(payload, { key }): no history keeps it, which could remember the key.`)
    }
    const encoded = encodeEvent(event, payload, this.#where(event))
    this.#node.orders.run(this.key, encoded, (ready) => {
      const publication = this.#narrowed(publicationOf(event, ready, isVolatile))
      this.#node.bus.publish(this.key, publication, mayBeKept(publication) ? { history, key } : {})
    })
  }

  /** In the order of the room's events, to those who are members when its turn comes. */
  async askMembers(event: OutgoingEvent, payload: unknown, options: CallOptions = {}): Promise<unknown> {
    const where = this.#where(event)
    const encoded = encodeSent(event, payload, where, 'the payload')
    const { deadlines, settings, orders } = this.#node
    const { timeoutMs = settings.timeoutMs, signal } = options
    const acks = new Promise<unknown>((resolve, reject) => {
      const ask = (ready: EncodedPayload) => resolve(this.#ask(event, ready, { timeoutMs, signal }))
      orders.run(this.key, encoded, ask, reject)
    })
    // Beside the members' own limit, which says who has not answered: for a schema that never does.
    return withinLimit(acks, deadlines, timeoutMs + schemaGraceMs, () => timedOut(where, timeoutMs))
  }

  async #ask(event: OutgoingEvent, encoded: EncodedPayload, options: Limits): Promise<unknown> {
    const where = this.#where(event)
    // However it is declared: who asks for acks waits for each member.
    const question = publicationOf({ ...event, delivery: 'reliable' }, { payload: encoded, key: undefined })
    try {
      const answers = await this.#node.questions.ask(this.key, this.#narrowed(question), {
        ...options,
        history: this.#node.historyOf(this.kind),
      })
      return await Promise.all(answers.map((answer) => memberAck(event, where, answer)))
    } catch (error) {
      if (!options.signal?.aborted) throw error
      const { reason: cause } = options.signal
      throw new TypewireError('ABORTED', `${where}: aborted by its signal.`, { origin: where, cause })
    }
  }

  #narrowed(publication: Publication): Publication {
    const { except } = this.#scope
    return except.size === 0 ? publication : { ...publication, except: [...except] }
  }

  #where({ name }: OutgoingEvent): string {
    return `${this.kind}.${name}`
  }
}

interface Limits {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** The identity behind a reference. @throws TypeError for what `server.rooms.x(params)` did not make. */
export function identityOf(ref: unknown): RoomIdentity {
  if (ref instanceof Reference) return ref.identity
  throw new TypeError('Give a room of this server: session.join(server.rooms.chat({ roomId })).')
}
