import { CliError } from '../cli-error.ts'
import type { Io } from '../io.ts'
import { Printer } from './printer.ts'

/** What is printed until it is enough. */
export class Lines {
  readonly #printer: Printer
  readonly #signal: AbortSignal
  readonly #over = new AbortController()
  readonly #forMs: number | undefined
  #left: number

  constructor(io: Io, { count, for: forMs, pretty }: { count?: number; for?: number; pretty?: true }) {
    this.#signal = AbortSignal.any([io.signal, this.#over.signal])
    this.#forMs = forMs
    this.#left = count ?? Number.POSITIVE_INFINITY
    this.#printer = new Printer(io, {
      isPretty: pretty === true,
      onOverflow: (error) => this.#over.abort(error),
    })
  }

  /** An event: one of those that are counted. */
  add(value: unknown): void {
    if (this.#left <= 0) return
    this.show(value)
    if (--this.#left <= 0) this.#over.abort()
  }

  /** What is not counted. */
  show(value: unknown): void {
    if (!this.#signal.aborted) void this.#printer.print(value)
  }

  /** Resolves when the user interrupts, when it is enough, or time is over. @throws CliError when `ended` says so. */
  async untilEnd(ended: Promise<CliError>): Promise<void> {
    const timer = this.#forMs === undefined ? undefined : setTimeout(() => this.#over.abort(), this.#forMs)
    try {
      const aborted = new Promise<undefined>((resolve) => {
        if (this.#signal.aborted) resolve(undefined)
        this.#signal.addEventListener('abort', () => resolve(undefined), { once: true })
      })
      const error = (await Promise.race([aborted, ended])) ?? this.#over.signal.reason
      if (error instanceof CliError) throw error
    } finally {
      clearTimeout(timer)
      await this.#printer.done
    }
  }
}
