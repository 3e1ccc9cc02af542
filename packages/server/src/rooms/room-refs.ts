import {
  type AnyContract,
  type Audience,
  type CallOptions,
  type MemberChoice,
  type RoomEmitOptions,
  type RoomMember,
  type RoomRef,
  TypewireError,
} from '@typewire/core'
import { describeIssues } from '@typewire/core/internal'
import type { CompiledRoomKind } from '../compile.ts'
import { clientOf } from '../facade-clients.ts'
import type { ServerNode } from '../node.ts'
import { verbGroups } from '../verb-group.ts'
import { checkedChoice, command, type Commands } from './commands.ts'
import { Emitter, type Target } from './emitter.ts'
import { presenceOf } from './read-presence.ts'
import { identify, type RoomIdentity, shownRoom } from './rooms.ts'

/** The public `RoomRef`, of any contract. */
export type AnyRoomRef = RoomRef<string, AnyContract>
type AnyAudience = Audience<string, AnyContract>

/** Makes the references of one kind of room: `server.rooms.chat(params)`. */
export class RoomRefs {
  readonly #node: ServerNode
  readonly #kind: CompiledRoomKind
  readonly #emits: (emitter: Emitter) => object
  readonly #emitsWithAck: (emitter: Emitter) => object

  constructor(node: ServerNode, kind: CompiledRoomKind) {
    this.#node = node
    this.#kind = kind
    const event = (name: string) => kind.toClient.get(name)!
    const names = [...kind.toClient.keys()]
    this.#emits = verbGroups(
      names,
      (emitter, name) => (payload: unknown, options?: RoomEmitOptions) => emitter.emit(event(name), payload, options),
    )
    this.#emitsWithAck = verbGroups(
      names,
      (emitter, name) => (payload: unknown, options?: CallOptions) => emitter.ask(event(name), payload, options),
    )
  }

  /** @throws TypeError when the params do not match the schema of the kind. */
  to(params: unknown): AnyRoomRef {
    const identity = identify(this.#kind, params)
    if ('kind' in identity) return this.of(identity)
    throw new TypeError(`server.rooms.${this.#kind.kind}(params): ${describeIssues(identity)}`)
  }

  of(identity: RoomIdentity, scope: Scope = everybody): Reference {
    return new Reference(this.#node, this, identity, scope)
  }

  emitTo(targets: readonly Target[]): {} {
    return this.#emits(new Emitter(this.#node, this.#kind.kind, targets))
  }

  /**
   * Sessions, and their clients: a history remembers for longer than sessions last who is excepted (HI-6), and without one a
   * server that is behind tells what was said before a session was lost (HI-7).
   */
  namesOf(sessions: readonly { readonly id: string }[]): readonly string[] {
    return sessions.flatMap((session) => {
      const client = clientOf(session) ?? this.#node.sessions.get(session.id)?.client
      return client === undefined ? [session.id] : [session.id, client]
    })
  }

  ask(targets: readonly Target[]): {} {
    return this.#emitsWithAck(new Emitter(this.#node, this.#kind.kind, targets))
  }
}

/** To whom of a room it goes, and how. */
interface Scope {
  /** The ids of sessions that it does not go to. */
  readonly except: readonly string[]
  /** Whatever the contract declares. */
  readonly isVolatile: boolean
}

const everybody: Scope = { except: [], isVolatile: false }

function without<T extends Scope>(scope: T, names: readonly string[]): T {
  return { ...scope, except: [...new Set([...scope.except, ...names])] }
}

/** Several rooms of a kind as one. */
class Union implements AnyAudience {
  readonly #refs: RoomRefs
  readonly #targets: readonly Target[]

  constructor(refs: RoomRefs, targets: readonly Target[]) {
    this.#refs = refs
    this.#targets = targets
  }

  get emit(): {} {
    return this.#refs.emitTo(this.#targets)
  }

  get emitWithAck(): {} {
    return this.#refs.ask(this.#targets)
  }

  get volatile(): Union {
    return this.#each((target) => ({ ...target, isVolatile: true }))
  }

  readonly except = (...sessions: readonly { readonly id: string }[]): Union =>
    this.#each((target) => without(target, this.#refs.namesOf(sessions)))

  #each(change: (target: Target) => Target): Union {
    return new Union(this.#refs, this.#targets.map(change))
  }
}

/** An instance, without the sessions that it excepts. It holds no members: they are looked up when it does something. */
class Reference implements AnyRoomRef {
  readonly kind: string
  readonly key: string
  readonly identity: RoomIdentity
  readonly target: Target
  readonly #node: ServerNode
  readonly #refs: RoomRefs

  constructor(node: ServerNode, refs: RoomRefs, identity: RoomIdentity, scope: Scope) {
    this.#node = node
    this.#refs = refs
    this.identity = identity
    this.kind = identity.kind.kind
    this.key = identity.key
    const { except, isVolatile } = scope
    this.target = { key: identity.key, except, isVolatile }
  }

  get emit(): {} {
    return this.#refs.emitTo([this.target])
  }

  get emitWithAck(): {} {
    return this.#refs.ask([this.target])
  }

  get volatile(): Reference {
    return this.#refs.of(this.identity, { ...this.target, isVolatile: true })
  }

  readonly except = (...sessions: readonly { readonly id: string }[]): Reference =>
    this.#refs.of(this.identity, without(this.target, this.#refs.namesOf(sessions)))

  readonly presence = () => presenceOf(this.#node, this.identity)

  readonly and = (...rooms: readonly unknown[]): Union => {
    const targets = new Map([[this.key, this.target]])
    for (const room of rooms) {
      const { kind, target } = referenceOf(room)
      if (kind !== this.kind) throw new TypeError(`and(room): it is a ${kind}, and this is a ${this.kind}.`)
      // Twice the same room: whom either of them means.
      const except = targets.get(target.key)?.except.filter((id) => target.except.includes(id)) ?? target.except
      targets.set(target.key, { ...target, except })
    }
    return new Union(this.#refs, [...targets.values()])
  }

  readonly members = async (): Promise<readonly RoomMember[]> => {
    const answers = await this.#command('$members', {})
    const members = answers.flat() as readonly (readonly [sessionId: string, identity: string | null])[]
    return members.map(([sessionId, identity]) => ({ sessionId, identity }))
  }

  readonly evict = async (who: MemberChoice, reason = 'the server ended it'): Promise<void> => {
    await this.#command('$evict', { who: checkedChoice(who, 'evict'), reason })
  }

  readonly close = async (reason = 'the server closed it'): Promise<void> => {
    await this.#command('$evict', { reason })
  }

  readonly reauthorize = async (who?: MemberChoice): Promise<void> => {
    const given = who === undefined ? {} : { who: checkedChoice(who, 'reauthorize') }
    const failures = (await this.#command('$reauthorize', given)) as readonly number[]
    const failed = failures.reduce((all, some) => all + some, 0)
    if (failed === 0) return
    const what = `authorize failed for ${failed} members, which stay. onError of their nodes has why.`
    throw new TypewireError('INTERNAL', `Room ${shownRoom(this.identity)} reauthorize: ${what}`)
  }

  #command<Name extends keyof Commands>(name: Name, given: Commands[Name]): Promise<readonly unknown[]> {
    return command(this.#node, { ...this.identity, except: this.target.except }, name, given)
  }
}

function referenceOf(ref: unknown): Reference {
  if (ref instanceof Reference) return ref
  throw new TypeError('Give a room of this server: session.join(server.rooms.chat({ roomId })).')
}

/** The identity behind a reference. @throws TypeError for what `server.rooms.x(params)` did not make. */
export function identityOf(ref: unknown): RoomIdentity {
  return referenceOf(ref).identity
}
