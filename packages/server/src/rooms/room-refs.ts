import {
  type AnyContract,
  type CallOptions,
  type Publication,
  type RoomEmitOptions,
  type RoomRef,
  TypewireError,
} from '@typewire/core'
import { describeIssues, timedOut } from '@typewire/core/internal'
import type { CompiledRoomKind, OutgoingEvent } from '../compile.ts'
import type { ServerNode } from '../node.ts'
import { encodeSent } from '../outgoing.ts'
import { clientOf } from '../facade-clients.ts'
import { verbGroups } from '../verb-group.ts'
import { withinLimit } from '../within-limit.ts'
import { memberAck } from './member-acks.ts'
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
const schemaGraceMs = 2_000

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
    this.#refs.of(this.identity, new Set([...this.#except, ...sessions.flatMap((session) => this.#names(session))]))

  /** Validated and encoded once; each node's members get one frame (RM-5). @throws TypeError for a key without a history. */
  emitEvent(event: OutgoingEvent, payload: unknown, { key }: RoomEmitOptions = {}): void {
    const where = this.#where(event)
    const history = this.#node.historyOf(this.kind)
    if (key !== undefined && !history) {
      throw new TypeError(`${where}(payload, { key }): rooms ${this.kind} have no history that could remember the key.`)
    }
    const encoded = encodeSent(event, payload, where, 'the payload')
    this.#node.orders.run(this.key, encoded, (text) =>
      this.#node.bus.publish(this.key, this.#publication(event, text), { history, key }),
    )
  }

  /** A room with a history remembers who is excepted for longer than sessions last: by client (HI-6). */
  #names(session: { readonly id: string }): readonly string[] {
    const client = this.#node.historyOf(this.kind) && (clientOf(session) ?? this.#node.sessions.get(session.id)?.client)
    return client === undefined ? [session.id] : [session.id, client]
  }

  /** In the order of the room's events, to those who are members when its turn comes. */
  async askMembers(event: OutgoingEvent, payload: unknown, options: CallOptions = {}): Promise<unknown> {
    const where = this.#where(event)
    const encoded = encodeSent(event, payload, where, 'the payload')
    const { deadlines, settings, orders } = this.#node
    const { timeoutMs = settings.timeoutMs, signal } = options
    const acks = new Promise<unknown>((resolve, reject) => {
      const ask = (text: string) => resolve(this.#ask(event, text, { timeoutMs, signal }))
      orders.run(this.key, encoded, ask, reject)
    })
    // Beside the members' own limit, which says who has not answered: for a schema that never does.
    return withinLimit(acks, deadlines, timeoutMs + schemaGraceMs, () => timedOut(where, timeoutMs))
  }

  async #ask(event: OutgoingEvent, encoded: string, options: Limits): Promise<unknown> {
    const where = this.#where(event)
    try {
      const answers = await this.#node.questions.ask(this.key, this.#publication(event, encoded), {
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

  #publication({ name: event }: OutgoingEvent, payload: string): Publication {
    return this.#except.size === 0 ? { event, payload } : { event, payload, except: [...this.#except] }
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
