import {
  type AnyContract,
  type MissedEvents,
  type OnOptions,
  type Position,
  type RoomHandle,
  type RoomHistoryOptions,
  TypewireError,
  type Unsubscribe,
} from '@typewire/core'
import { nobodyPresent, StoreSource, unsubscribe } from '@typewire/core/internal'
import { reportToPlatform } from '../platform.ts'
import { verbGroup } from '../verbs.ts'
import type { JoinOf, RoomReactions, RoomSnapshot, RoomViewOptions, RoomViewStatus, ViewedRoom } from './room-types.ts'
import { ViewSource } from './view.ts'

/** Given in place of params or an input: to wait. */
export const skip: unique symbol = Symbol('typewire.skip')
export type Skip = typeof skip

type Verb<Result> = (...args: readonly unknown[]) => Result

/** A handle, of any contract. */
interface Handle extends Pick<
  RoomHandle<string, AnyContract>,
  'status' | 'presence' | 'onMissed' | 'leave' | 'history'
> {
  readonly on: Readonly<Record<string, (handler: (payload: unknown) => unknown) => Unsubscribe>>
  readonly emit: Readonly<Record<string, Verb<void>>>
  readonly emitWithAck: Readonly<Record<string, Verb<Promise<unknown>>>>
  readonly setPresence: (data: unknown) => Promise<void>
}
type Reactions = RoomReactions<string, AnyContract, unknown>
/** Attaches a handler to a handle, and returns how to take it off. */
type Attach = (handle: Handle) => () => void

/**
 * A room, joined while anybody uses the view, and what was made of its events. Events are reduced as they come and told with
 * the next frame; where it stands is told at once.
 */
export class RoomView extends ViewSource<RoomSnapshot<unknown>> {
  readonly #join: JoinOf<string, AnyContract>
  readonly #params: unknown
  readonly #options: RoomViewOptions<string, AnyContract, unknown>
  readonly #status: StoreSource<RoomViewStatus>
  readonly #presence = new StoreSource<Handle['presence']['current']>(nobodyPresent, reportToPlatform)
  /** What hears the room, whether it is joined or not. */
  readonly #attached = new Map<Attach, (() => void) | undefined>()
  readonly #heardNames = new Set<string>()
  #handle: Handle | undefined
  #reactions: Reactions = {}
  #data: unknown
  /** Where in the room's history `#data` begins. */
  #before: Position | undefined
  /** What has come while the history is read again; it follows what is read. */
  #held: { readonly name: string; readonly payload: unknown }[] | undefined
  readonly room: ViewedRoom<string, AnyContract>

  constructor(
    join: JoinOf<string, AnyContract>,
    params: unknown,
    options: RoomViewOptions<string, AnyContract, unknown> = {},
  ) {
    const data = initialOf(options)
    const state = params === skip ? 'skipped' : 'joining'
    super({ data, status: state, error: undefined, recovered: undefined, before: undefined })
    this.#join = join
    this.#params = params
    this.#options = options
    this.#data = data
    this.#status = new StoreSource<RoomViewStatus>({ state }, reportToPlatform)
    this.room = this.#face()
  }

  /** What its events do from now on. To be called before it is used, and whenever they do something else. */
  react(reactions: Reactions): void {
    this.#reactions = reactions
    for (const name of Object.keys({ ...reactions.reduce, ...reactions.on })) {
      if (this.#heardNames.has(name)) continue
      this.#heardNames.add(name)
      this.#attach(({ on }) => on[name]!((payload) => this.#hear(name, payload)))
    }
  }

  protected override begin(): () => void {
    if (this.#params === skip) return () => {}
    const { initial: _, ...options } = this.#options
    const join = this.#join as unknown as (params: unknown, options: object) => Handle
    const handle = (this.#handle = join(this.#params, options))
    for (const attach of this.#attached.keys()) this.#attached.set(attach, attach(handle))
    const stops = [
      handle.onMissed((missed) => this.#onMissed(handle, missed)),
      handle.status.subscribe(() => this.#setStatus(handle.status.current)),
      handle.presence.subscribe(() => this.#presence.set(handle.presence.current)),
    ]
    this.#setStatus(handle.status.current)
    this.#presence.set(handle.presence.current)
    return () => {
      this.#handle = this.#held = undefined
      for (const [attach, detach] of this.#attached) {
        detach?.()
        this.#attached.set(attach, undefined)
      }
      for (const stop of stops) stop()
      handle.leave()
      // Whoever uses it again begins anew.
      this.#data = initialOf(this.#options)
      this.#before = undefined
      this.#presence.set(nobodyPresent)
      this.#setStatus({ state: 'joining' })
    }
  }

  protected override snapshot(): RoomSnapshot<unknown> {
    const status = this.#status.current
    return {
      data: this.#data,
      status: status.state,
      error: 'reason' in status ? status.reason : undefined,
      recovered: status.state === 'joined' ? status.recovered : undefined,
      before: this.#before,
    }
  }

  /** Asks again for a room that it is not in: after a denial, or when it was evicted. */
  readonly retry = (): void => {
    const { state } = this.#status.current
    if (state === 'denied' || state === 'left') this.restart()
  }

  #setStatus(status: RoomViewStatus): void {
    // Once it was joined again the data goes on, or is read anew.
    if (status.state === 'joined' && status.recovered === undefined) this.#before = status.before
    this.#status.set(status)
    this.publish()
  }

  #hear(name: string, payload: unknown): unknown {
    if (this.#held) this.#held.push({ name, payload })
    else this.#reduce(name, payload)
    return this.#reactions.on?.[name]?.(payload)
  }

  #reduce(name: string, payload: unknown): void {
    const reduce = this.#reactions.reduce?.[name]
    if (!reduce) return
    const next: unknown = reduce(this.#data, payload)
    if (Object.is(next, this.#data)) return
    this.#data = next
    this.publishSoon()
  }

  #onMissed(handle: Handle, missed: MissedEvents): void {
    if (this.#options.last === undefined || !this.#reactions.reduce) return void this.#reactions.onMissed?.(missed)
    void this.#readAnew(handle, missed)
  }

  /** What was made of events that are not whole is no use: the history's last ones are, and what comes behind them. */
  async #readAnew(handle: Handle, missed: MissedEvents): Promise<void> {
    this.#held ??= []
    const { last = 0 } = this.#options
    try {
      const limit = Math.max(1, Math.min(last, 1_000))
      const { events, before } = await handle.history({ limit, before: missed.before })
      if (this.#handle !== handle) return
      this.#before = before
      this.#data = initialOf(this.#options)
      for (const { name, payload } of events) this.#reduce(String(name), payload)
    } catch (error) {
      // Who may not read keeps what there is, and is told by `recovered` and `onMissed`.
      if (!(error instanceof TypewireError)) throw error
    } finally {
      const held = this.#handle === handle ? (this.#held ?? []) : []
      if (this.#handle === handle) this.#held = undefined
      for (const { name, payload } of held) this.#reduce(name, payload)
    }
    this.publishSoon()
    this.#reactions.onMissed?.(missed)
  }

  /** Keeps a handler for as long as it is wanted, whatever becomes of the handle. */
  #attach(attach: Attach): () => void {
    this.#attached.set(attach, this.#handle && attach(this.#handle))
    return () => {
      this.#attached.get(attach)?.()
      this.#attached.delete(attach)
    }
  }

  #on<Payload>(
    on: (handle: Handle) => (handler: (payload: Payload) => unknown) => () => void,
    handler: (payload: Payload) => unknown,
    { signal, once }: OnOptions = {},
  ) {
    if (signal?.aborted) return unsubscribe(() => {})
    const detach = this.#attach((handle) =>
      on(handle)((payload) => {
        if (once) off()
        return handler(payload)
      }),
    )
    const off = unsubscribe(() => {
      detach()
      signal?.removeEventListener('abort', off)
    })
    signal?.addEventListener('abort', off, { once: true })
    return off
  }

  /** @throws TypewireError where nobody uses the view, or it waits. */
  #joined(what: string): Handle {
    if (this.#handle) return this.#handle
    const why =
      this.#params === skip ? 'the room is skipped: give it params' : 'the room is joined once its component is mounted'
    throw new TypewireError('ABORTED', `${what}: ${why}.`, { origin: what })
  }

  #face(): ViewedRoom<string, AnyContract> {
    return {
      status: this.#status,
      presence: this.#presence,
      on: verbGroup(
        'on',
        (name) => (handler: (payload: unknown) => unknown, options?: OnOptions) =>
          this.#on<unknown>(({ on }) => on[name]!, handler, options),
      ),
      onMissed: (handler, options) => this.#on<MissedEvents>(({ onMissed }) => onMissed, handler, options),
      emit: verbGroup(
        'emit',
        (name) =>
          (...args: readonly unknown[]) =>
            this.#joined(name).emit[name]!(...args),
      ),
      emitWithAck: verbGroup(
        'emitWithAck',
        (name) =>
          async (...args: readonly unknown[]) =>
            this.#joined(name).emitWithAck[name]!(...args),
      ),
      setPresence: async (data: unknown) => this.#joined('setPresence').setPresence(data),
      history: async (options?: RoomHistoryOptions) => this.#joined('history').history(options),
    }
  }
}

function initialOf({ initial }: RoomViewOptions<string, AnyContract, unknown>): unknown {
  return typeof initial === 'function' ? (initial as () => unknown)() : initial
}
