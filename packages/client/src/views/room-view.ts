import {
  type AnyContract,
  type MissedEvents,
  type OnOptions,
  type RoomHandle,
  type RoomHistoryOptions,
  TypewireError,
  type Unsubscribe,
} from '@typewire/core'
import { nobodyPresent, StoreSource, unsubscribe } from '@typewire/core/internal'
import { noAnswer } from '../no-answer.ts'
import { reportToPlatform } from '../platform.ts'
import { verbGroup } from '../verbs.ts'
import { EarlyRequests } from './early-requests.ts'
import { RoomData } from './room-data.ts'
import type { JoinOf, RoomReactions, RoomSnapshot, RoomViewOptions, RoomViewStatus, ViewedRoom } from './room-types.ts'
import { SoonStore } from './soon-store.ts'
import { ViewSource } from './view.ts'

declare const skips: unique symbol

/** What `skip` is. Not `typeof skip`, which errors would call a `unique symbol`. */
export type Skip = symbol & { readonly [skips]: true }

/** Given in place of params or an input: to wait. */
export const skip = Symbol('typewire.skip') as unknown as Skip

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
  readonly #presence = new SoonStore<Handle['presence']['current']>(nobodyPresent)
  /** What hears the room, whether it is joined or not. */
  readonly #attached = new Map<Attach, (() => void) | undefined>()
  readonly #heardNames = new Set<string>()
  #handle: Handle | undefined
  #reactions: Reactions = {}
  readonly #data: RoomData
  readonly #early = new EarlyRequests<Handle>()
  readonly room: ViewedRoom<string, AnyContract>

  constructor(
    join: JoinOf<string, AnyContract>,
    params: unknown,
    options: RoomViewOptions<string, AnyContract, unknown> = {},
  ) {
    const data = new RoomData(
      options,
      () => this.#reactions,
      () => this.publishSoon(),
    )
    const state = params === skip ? 'skipped' : 'joining'
    super({ data: data.value, status: state, error: undefined, recovered: undefined, before: undefined })
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
      handle.onMissed((missed) => this.#data.onMissed(handle, missed)),
      handle.status.subscribe(() => this.#setStatus(handle.status.current)),
      handle.presence.subscribe(() => this.#presence.set(handle.presence.current)),
    ]
    this.#setStatus(handle.status.current)
    if (handle.presence.current !== nobodyPresent) this.#presence.set(handle.presence.current)
    this.#early.runAll(handle)
    return () => {
      this.#handle = undefined
      for (const [attach, detach] of this.#attached) {
        detach?.()
        this.#attached.set(attach, undefined)
      }
      for (const stop of stops) stop()
      handle.leave()
      // Whoever uses it again begins anew.
      this.#data.reset()
      this.#presence.set(nobodyPresent)
      this.#setStatus({ state: 'joining' })
    }
  }

  protected override snapshot(): RoomSnapshot<unknown> {
    const status = this.#status.current
    return {
      data: this.#data.value,
      status: status.state,
      error: 'reason' in status ? status.reason : undefined,
      recovered: status.state === 'joined' ? status.recovered : undefined,
      before: this.#data.before,
    }
  }

  /** Asks again for a room that it is not in: after a denial, or when it was evicted. */
  readonly retry = (): void => {
    const { state } = this.#status.current
    if (state === 'denied' || state === 'left') this.restart()
  }

  #setStatus(status: RoomViewStatus): void {
    // Once it was joined again the data goes on, or is read anew.
    if (status.state === 'joined' && status.recovered === undefined) this.#data.before = status.before
    this.#status.set(status)
    // The last events are told behind the join: a room is not shown as empty before.
    if (status.state === 'joined' && this.#options.last) this.publishSoon()
    else this.publish()
  }

  #hear(name: string, payload: unknown): unknown {
    this.#data.hear(name, payload)
    const handle = this.#reactions.on?.[name]
    return handle ? handle(payload) : noAnswer
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

  /** Asks the handle, or the one that there is at the end of this turn. @throws TypewireError where the view waits. */
  #ask(what: string, ask: (handle: Handle) => void, fail: (error: unknown) => void): void {
    if (this.#handle) return ask(this.#handle)
    if (this.#params !== skip) return this.#early.add(what, ask, fail)
    throw new TypewireError('ABORTED', `${what}: the room is skipped: give it params.`, { origin: what })
  }

  #askFor<T>(what: string, ask: (handle: Handle) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => this.#ask(what, (handle) => resolve(ask(handle)), reject))
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
            this.#ask(name, ({ emit }) => emit[name]!(...args), reportToPlatform),
      ),
      emitWithAck: verbGroup(
        'emitWithAck',
        (name) =>
          (...args: readonly unknown[]) =>
            this.#askFor(name, ({ emitWithAck }) => emitWithAck[name]!(...args)),
      ),
      setPresence: (data: unknown) => this.#askFor('setPresence', (handle) => handle.setPresence(data)),
      history: (options?: RoomHistoryOptions) => this.#askFor('history', (handle) => handle.history(options)),
    }
  }
}
