import type { Person } from '../contract.ts'

/** How long somebody counts as typing who has not said otherwise: their tab may be gone. */
const heardMs = 6_000
/** How often it is said again while one goes on typing: well within `heardMs`. */
const sayAgainMs = 3_000
/** After how long without a key one has stopped. */
const idleMs = 4_000

type Timer = ReturnType<typeof setTimeout>

/** Who is typing in a room: the others, as they say, and this page, which says so. */
export class Typing {
  readonly #others = new Map<string, { readonly name: string; readonly timer: Timer }>()
  readonly #onChange: () => void
  readonly #tell: (isTyping: boolean) => void
  /** When it was last said that this page is typing; 0: it is not. */
  #saidAtMs = 0
  #idle: Timer | undefined

  constructor(onChange: () => void, tell: (isTyping: boolean) => void) {
    this.#onChange = onChange
    this.#tell = tell
  }

  get names(): readonly string[] {
    return Array.from(this.#others.values(), ({ name }) => name)
  }

  /** Somebody else has said that they are typing, or not any more. */
  hear(person: Person, isTyping: boolean): void {
    if (!isTyping) return this.hasStopped(person)
    clearTimeout(this.#others.get(person.id)?.timer)
    const timer = setTimeout(() => this.hasStopped(person), heardMs)
    this.#others.set(person.id, { name: person.name, timer })
    this.#onChange()
  }

  hasStopped({ id }: Person): void {
    clearTimeout(this.#others.get(id)?.timer)
    if (this.#others.delete(id)) this.#onChange()
  }

  /** Forgets the others: the connection on which they would say that they have stopped is gone. */
  clear(): void {
    for (const { timer } of this.#others.values()) clearTimeout(timer)
    this.#others.clear()
    this.#saidAtMs = 0
    this.#onChange()
  }

  /** A key was pressed here. */
  type(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.stop(), idleMs)
    const now = performance.now()
    if (this.#saidAtMs > 0 && now - this.#saidAtMs < sayAgainMs) return
    this.#saidAtMs = now
    this.#tell(true)
  }

  /** What was typed here is sent, or taken back, or left lying. */
  stop(): void {
    clearTimeout(this.#idle)
    if (this.#saidAtMs === 0) return
    this.#saidAtMs = 0
    this.#tell(false)
  }

  /** Leaves no timer behind. */
  end(): void {
    this.stop()
    for (const { timer } of this.#others.values()) clearTimeout(timer)
    this.#others.clear()
  }
}
