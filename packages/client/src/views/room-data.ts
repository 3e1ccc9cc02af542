import type { AnyContract, MissedEvents, Position, RoomHandle } from '@typewire/core'
import { isTypewireError } from '@typewire/core'
import { reportToPlatform } from '../platform.ts'
import type { RoomReactions, RoomViewOptions } from './room-types.ts'

type Options = RoomViewOptions<string, AnyContract, unknown>
type Reactions = RoomReactions<string, AnyContract, unknown>

interface Heard {
  readonly name: string
  readonly payload: unknown
}

/** As much may come while the history is read again. More is no reason to wait: then the data goes on with a gap. */
const maxHeld = 10_000

/** What reducers have made of a room's events. */
export class RoomData {
  readonly #options: Options
  readonly #reactions: () => Reactions
  readonly #onChange: () => void
  #value: unknown
  /** Where in the room's history the value begins. */
  before: Position | undefined
  /** What has come while the history is read again; it follows what is read. */
  #held: Heard[] | undefined
  /** Of several readings only the newest counts. */
  #reading = 0

  constructor(options: Options, reactions: () => Reactions, onChange: () => void) {
    this.#options = options
    this.#reactions = reactions
    this.#onChange = onChange
    this.#value = initialOf(options)
  }

  get value(): unknown {
    return this.#value
  }

  /** As it was at first. */
  reset(): void {
    this.#reading++
    this.#held = undefined
    this.#value = initialOf(this.#options)
    this.before = undefined
  }

  hear(name: string, payload: unknown): void {
    if (!this.#held) return this.#reduce({ name, payload })
    this.#held.push({ name, payload })
    if (this.#held.length > maxHeld) this.#goOn()
  }

  /** Events are missed for good. What was made of events that are not whole is no use: the history's last ones are. */
  onMissed(handle: Pick<RoomHandle<string, AnyContract>, 'history'>, missed: MissedEvents): void {
    const { last = 0 } = this.#options
    if (last > 0 && this.#reactions().reduce) void this.#readAnew(handle, missed, last)
    else this.#tellMissed(missed)
  }

  async #readAnew(
    handle: Pick<RoomHandle<string, AnyContract>, 'history'>,
    missed: MissedEvents,
    last: number,
  ): Promise<void> {
    const reading = ++this.#reading
    const isNewest = () => reading === this.#reading
    // What has come before this miss is in what is read now, or older than that.
    const older = this.#held ?? []
    this.#held = []
    for (;;) {
      try {
        const { events, before } = await handle.history({ limit: Math.min(last, 1_000), before: missed.before })
        if (!isNewest()) return
        this.before = before
        this.#value = initialOf(this.#options)
        for (const { name, payload } of events) this.#reduce({ name: String(name), payload })
        break
      } catch (error) {
        if (!isNewest()) return
        // In the session that follows it is read again: nobody would else, where that one has recovered.
        if (isTypewireError(error) && error.code === 'SESSION_LOST') continue
        // Who may not read keeps what there is, and is told by `recovered` and `onMissed`.
        for (const heard of older) this.#reduce(heard)
        break
      }
    }
    this.#goOn()
    this.#tellMissed(missed)
  }

  /** What was held follows, and all else as it comes. */
  #goOn(): void {
    const held = this.#held ?? []
    this.#reading++
    this.#held = undefined
    for (const heard of held) this.#reduce(heard)
    this.#onChange()
  }

  #reduce({ name, payload }: Heard): void {
    const reduce = this.#reactions().reduce?.[name]
    if (!reduce) return
    try {
      const next: unknown = reduce(this.#value, payload)
      if (Object.is(next, this.#value)) return
      this.#value = next
      this.#onChange()
    } catch (error) {
      reportToPlatform(error) // it starves neither `on` nor what comes next
    }
  }

  #tellMissed(missed: MissedEvents): void {
    try {
      this.#reactions().onMissed?.(missed)
    } catch (error) {
      reportToPlatform(error)
    }
  }
}

function initialOf({ initial }: Options): unknown {
  return typeof initial === 'function' ? (initial as () => unknown)() : initial
}
