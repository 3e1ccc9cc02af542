import { isTypewireError, type TypewireError } from '@typewire/core'
import {
  canonicalText,
  type LeftFrame,
  type PositionFrame,
  type PresenceFrame,
  type ProtocolError,
  type RoomEventFrame,
} from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import { handleEvent } from '../event-handlers.ts'
import type { LocalValidation } from '../local-validation.ts'
import { encodeText } from '../outgoing.ts'
import { assertTimeLimit } from '../time-limit.ts'
import { assertCount } from './assert-count.ts'
import { type AnyRoomHandle, Handle, type JoinOptionsOfAny } from './handle.ts'
import { type EntryOptions, RoomEntry } from './room-entry.ts'

export interface ClientRoomsOptions {
  readonly connection: Connection
  readonly validation: LocalValidation
  readonly onError: (error: unknown) => void
  readonly timeoutMs: number | undefined
}

/** The rooms that a client is in, by the params that were given and by the number that the server gave. */
export class ClientRooms {
  readonly #options: ClientRoomsOptions
  readonly #byKey = new Map<string, RoomEntry>()
  /** Params that a schema makes equal are one room at the server: two entries may have one number. */
  readonly #byNumber = new Map<number, Set<RoomEntry>>()

  constructor(options: ClientRoomsOptions) {
    this.#options = options
  }

  /** What is wrong with a join shows in the handle's status. @throws RangeError for a time limit that is none, or a `last`. */
  join(kind: string, params: unknown, options: JoinOptionsOfAny = {}): AnyRoomHandle {
    const { signal, last, presence } = options
    const timeoutMs = options.timeoutMs ?? this.#options.timeoutMs
    assertTimeLimit(timeoutMs, `join.${kind}`)
    assertCount(last, `join.${kind}({ last })`)
    try {
      this.#options.validation.join(kind, params)
      this.#options.validation.presence(kind, presence)
      encodeText(params, kind)
      encodeText(presence, kind)
      const key = kind + canonicalText(params)
      const entry = this.#byKey.get(key)
      if (entry) {
        const face = this.#hold(kind, entry, timeoutMs, signal)
        if ('presence' in options)
          face.setPresence(presence).catch((error: unknown) => {
            // That the room is left or denied, its status says.
            if (isTypewireError(error) && error.code === 'INVALID_INPUT') this.#options.onError(error)
          })
        return face
      }
      const made = this.#entry(key, { kind, params, last, present: presence })
      const face = this.#hold(kind, made, timeoutMs, signal)
      made.join() // the handle is in it already: it hears also of what is refused at once
      return face
    } catch (error) {
      if (!isTypewireError(error)) throw error
      const handle = new Handle({ ...this.#options, kind, entry: undefined })
      handle.setStatus({ state: 'denied', reason: error })
      return handle.face()
    }
  }

  onEvent(frame: RoomEventFrame): ProtocolError | undefined {
    const entries = [...(this.#byNumber.get(frame[2]) ?? [])].filter((entry) => entry.isNew(frame[4]))
    const handlers = entries.flatMap(({ handles }) => [...handles].map(({ events }) => events))
    return handleEvent(frame, handlers, this.#options.connection.replies, this.#options.onError)
  }

  onPosition(frame: PositionFrame): void {
    for (const entry of this.#byNumber.get(frame[1]) ?? []) entry.onPosition(frame)
  }

  onPresence(frame: PresenceFrame): void {
    for (const { presence } of this.#byNumber.get(frame[1]) ?? []) {
      try {
        presence.onFrame(frame)
      } catch (error) {
        this.#options.onError(error)
      }
    }
  }

  onLeft([, number, reason]: LeftFrame): void {
    for (const entry of [...(this.#byNumber.get(number) ?? [])]) entry.onLeft(reason)
  }

  onSessionLost(): void {
    for (const entry of [...this.#byKey.values()]) entry.onSessionLost()
  }

  /** What one has joined is nothing to another (RS-10). */
  endAll(reason: TypewireError): void {
    for (const entry of [...this.#byKey.values()]) entry.end(reason)
  }

  #hold(kind: string, entry: RoomEntry, timeoutMs: number | undefined, signal: AbortSignal | undefined): AnyRoomHandle {
    const handle = new Handle({ ...this.#options, kind, entry, timeoutMs })
    entry.add(handle)
    const face = handle.face()
    if (signal?.aborted) handle.leave()
    else if (signal) {
      const leave = () => handle.leave()
      signal.addEventListener('abort', leave, { once: true })
      handle.status.subscribe(() => {
        const { state } = handle.status.current
        if (state === 'left' || state === 'denied') signal.removeEventListener('abort', leave)
      })
    }
    return face
  }

  #entry(key: string, asked: Pick<EntryOptions, 'kind' | 'params' | 'last' | 'present'>): RoomEntry {
    const entry = new RoomEntry({
      connection: this.#options.connection,
      ...asked,
      onError: this.#options.onError,
      onNumber: (_, old, now) => {
        if (old !== undefined) this.#forgetNumber(old, entry)
        if (now !== undefined) this.#byNumber.set(now, (this.#byNumber.get(now) ?? new Set()).add(entry))
      },
      onEnd: () => {
        if (this.#byKey.get(key) === entry) this.#byKey.delete(key)
      },
    })
    this.#byKey.set(key, entry)
    return entry
  }

  #forgetNumber(number: number, entry: RoomEntry): void {
    const entries = this.#byNumber.get(number)
    entries?.delete(entry)
    if (entries?.size === 0) this.#byNumber.delete(number)
  }
}
