import { once } from 'node:events'
import type { Described } from '@typewire/core/snapshot'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io, Output } from '../io.ts'
import { printable } from './rich-forms.ts'
import { safeJson, safeText } from './safe-text.ts'

export interface PrinterOptions {
  /** JSON over several lines. Default: on a terminal. */
  readonly isPretty: boolean
  /** What is printed is not read fast enough. */
  readonly onOverflow?: (error: CliError) => void
}

/** How many values may wait for who reads the output. 10,000: more than a moment's, and no reason to take all memory. */
export const maxWaiting = 10_000

/** Prints values as JSON on the standard output, in order, as fast as they are read there. */
export class Printer {
  readonly #io: Io
  readonly #options: PrinterOptions
  #last: Promise<void> = Promise.resolve()
  #waiting = 0

  constructor(io: Io, options: PrinterOptions) {
    this.#io = io
    this.#options = options
  }

  /** Resolves when it is written. Never rejects. */
  print(value: unknown): Promise<void> {
    if (this.#waiting >= maxWaiting) {
      const what = `More than ${maxWaiting} lines wait for what reads the output, which is too slow. Ask for fewer events, or write them to a file.`
      this.#options.onOverflow?.(new CliError(what, exitCodes.found))
      return this.#last
    }
    this.#waiting++
    this.#last = this.#last.then(async () => {
      const json = JSON.stringify(await printable(value), null, this.#options.isPretty ? 2 : undefined)
      await write(this.#io.stdout, `${safeJson(json)}\n`, this.#io.signal)
      this.#waiting--
    })
    return this.#last
  }

  /** Resolves when all that was printed is written. */
  get done(): Promise<void> {
    return this.#last
  }
}

async function write(output: Output, text: string, signal: AbortSignal): Promise<void> {
  if (output.write(text) !== false || !('once' in output)) return
  await once(output as unknown as NodeJS.WritableStream, 'drain', { signal }).catch(() => {}) // Ctrl-C: nobody reads it any more
}

/** Says something that is no data: what is printed for people goes to the standard error. */
export function note(io: Io, text: string): void {
  io.stderr.write(`${safeText(text)}\n`)
}

/** Says of a name that it is on its way out, where the contract does. */
export function noteDeprecation(name: string, described: Described | undefined, io: Io): void {
  const { deprecated = false } = described ?? {}
  if (deprecated !== false) note(io, `${name} is deprecated${deprecated === true ? '.' : `: ${deprecated}`}`)
}
