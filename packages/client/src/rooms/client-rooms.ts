import { type AnyContract, isTypewireError, type RoomKind, type TypewireError } from '@typewire/core'
import {
  type JoinedFrame,
  type LeftFrame,
  type PositionFrame,
  type PresenceFrame,
  ProtocolError,
  type RoomEventFrame,
} from '@typewire/core/internal'
import type { Backoff } from '../connection/backoff.ts'
import type { Connection } from '../connection/connection.ts'
import { handleEvent } from '../event-handlers.ts'
import type { Validation } from '../parts/parts.ts'
import type { Scope } from '../namespaces/scope.ts'
import { canonicalText, encodeText } from '../codec.ts'
import { assertTimeLimit } from '../time-limit.ts'
import { assertCount } from './assert-count.ts'
import { type AnyRoomHandle, Handle, type JoinOptionsOfAny } from './handle.ts'
import { Instances } from './instances.ts'
import { type EntryOptions, RoomEntry } from './room-entry.ts'
import { readPresence } from './room-presence.ts'

export interface ClientRoomsOptions {
  readonly connection: Connection
  readonly validation: Validation
  readonly onError: (error: unknown) => void
  readonly timeoutMs: number | undefined
  readonly backoff: Backoff
}

/** The rooms that a client has joined or wants to, by the params that were given; and all that it is in. */
export class ClientRooms {
  readonly #options: ClientRoomsOptions
  readonly #byKey = new Map<string, Set<RoomEntry>>()
  readonly #instances: Instances

  constructor(options: ClientRoomsOptions) {
    this.#options = options
    this.#instances = new Instances(options.connection, options.onError)
  }

  /** How many rooms are kept account of: joined, or to be joined. */
  get size(): number {
    return Math.max(this.#entries().length, this.#instances.size)
  }

  /** `client.rooms.x`; `name`: as it is on the wire. */
  kind(name: string, scope: Scope): RoomKind<string, AnyContract> {
    return this.#instances.kind(name, () => scope.useQuietly())
  }

  /**
   * `kind`: as it is on the wire. What is wrong with a join shows in the handle's status.
   * @throws RangeError for a time limit that is none, or a `last`.
   */
  join(scope: Scope, kind: string, params: unknown, options: JoinOptionsOfAny = {}): AnyRoomHandle {
    const { connection } = this.#options
    const { signal, last, presence } = options
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs
    assertTimeLimit(timeoutMs, `join.${kind}`)
    assertCount(last, `join.${kind}({ last })`)
    try {
      this.#options.validation.join(kind, params)
      this.#options.validation.presence(kind, presence)
      encodeText(connection, params, kind)
      encodeText(connection, presence, kind)
      const key = kind + canonicalText(connection, params)
      const others = [...(this.#byKey.get(key) ?? [])]
      // An entry of its own where it wants to hear of the last events what those before it had (RM-9, HI-5).
      const known = others.find((entry) => entry.brings(last))
      const said = others[0]?.said ?? { data: presence, words: new Map() }
      const entry = known ?? this.#entry(key, { scope, kind, params, last, said })
      const handle = this.#hold(kind, entry, timeoutMs, signal)
      if (!known) entry.join() // the handle is in it already: it hears also of what is refused at once
      if (others.length === 0) said.words.set(handle, presence)
      else if ('presence' in options) {
        handle.setPresence(presence).catch((error: unknown) => {
          // That the room is left or denied, its status says.
          if (isTypewireError(error) && error.code === 'INVALID_INPUT') this.#options.onError(error)
        })
      }
      return handle.face()
    } catch (error) {
      if (!isTypewireError(error)) throw error
      const handle = new Handle({ ...this.#options, kind, entry: undefined })
      handle.setStatus({ state: 'denied', reason: error })
      return handle.face()
    }
  }

  onEvent(frame: RoomEventFrame): ProtocolError | undefined {
    const { connection, onError } = this.#options
    const hearers = this.#instances.hearersOf(frame)
    return handleEvent(frame, hearers, connection, onError)
  }

  onJoined(frame: JoinedFrame): void {
    this.#instances.onJoined(frame)
  }

  onPosition(frame: PositionFrame): void {
    for (const entry of this.#instances.entriesOf(frame[1])) entry.onPosition(frame)
    this.#instances.onPosition(frame)
  }

  onPresence(frame: PresenceFrame): ProtocolError | undefined {
    const { connection, onError } = this.#options
    try {
      const told = readPresence(frame, connection, onError)
      if (told instanceof ProtocolError) return told
      for (const { presence } of this.#instances.entriesOf(frame[1])) presence.onTold(told)
    } catch (error) {
      onError(error)
    }
    return undefined
  }

  onLeft([, number, reason]: LeftFrame): void {
    const entries = this.#instances.entriesOf(number)
    this.#instances.onLeft(number)
    for (const entry of entries) entry.onLeft(reason)
  }

  onSessionLost(): void {
    this.#instances.onLost()
    for (const entry of this.#entries()) entry.onSessionLost()
  }

  /** A namespace is open: what waited for it is asked. */
  onOpen(path: string): void {
    for (const entry of this.#in(path)) entry.join()
  }

  /** A namespace is closed, and is about to be opened again: its memberships are over, and are asked for again then. */
  onLost(path: string): void {
    this.#instances.onLost((kind) => pathOf(kind) === path)
    for (const entry of this.#in(path)) entry.onSessionLost()
  }

  /** A namespace is closed, or was refused. */
  endIn(path: string, reason: TypewireError, by: 'client' | 'server'): void {
    this.#instances.onEnd((kind) => pathOf(kind) === path)
    for (const entry of this.#in(path)) entry.end(reason, by)
  }

  /** What one has joined is nothing to another (RS-10). */
  endAll(reason: TypewireError): void {
    this.#instances.onEnd()
    for (const entry of this.#entries()) entry.end(reason)
  }

  #entries(): readonly RoomEntry[] {
    return [...this.#byKey.values()].flatMap((entries) => [...entries])
  }

  /** Those of one namespace. */
  #in(path: string): readonly RoomEntry[] {
    return this.#entries().filter((entry) => entry.path === path)
  }

  #hold(kind: string, entry: RoomEntry, timeoutMs: number | undefined, signal: AbortSignal | undefined): Handle {
    const handle = new Handle({ ...this.#options, kind, entry, timeoutMs })
    entry.add(handle)
    if (signal?.aborted) handle.leave()
    else if (signal) {
      const leave = () => handle.leave()
      signal.addEventListener('abort', leave, { once: true })
      handle.status.subscribe(() => {
        const { state } = handle.status.current
        if (state === 'left' || state === 'denied') signal.removeEventListener('abort', leave)
      })
    }
    return handle
  }

  #entry(key: string, asked: Pick<EntryOptions, 'scope' | 'kind' | 'params' | 'last' | 'said'>): RoomEntry {
    const entries = this.#byKey.get(key) ?? new Set()
    const entry = new RoomEntry({
      ...this.#options,
      ...asked,
      onJoined: (number, read) => this.#instances.add(number, asked.kind, read, entry),
      onMissed: (number, missed) => this.#instances.onMissed(number, entry, missed),
      onNotJoined: (number) => this.#instances.remove(number, entry),
      onEnd: () => {
        if (entries.delete(entry) && entries.size === 0) this.#byKey.delete(key)
      },
    })
    this.#byKey.set(key, entries.add(entry))
    return entry
  }
}

/** The path of the namespace that a kind is of; of the root's it is empty. */
const pathOf = (kind: string) => kind.slice(0, Math.max(0, kind.lastIndexOf('/')))
