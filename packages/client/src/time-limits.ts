import { isCount } from '@typewire/core/internal'

/** Which procedures have a time limit of their own: of the root the welcome says it, of a namespace its opening (CA-13). */
export class TimeLimits {
  readonly #byPath = new Map<string, object>()

  /** What the server says of the names in this namespace; the root's path is empty. */
  learn(path: string, given: unknown): void {
    this.#byPath.set(path, Object(given) as object)
  }

  /** That of a name as it is on the wire, in milliseconds. */
  of(name: string): number | undefined {
    const given = this.#byPath.get(name.slice(0, Math.max(0, name.lastIndexOf('/'))))
    const limitMs: unknown = given && Object.getOwnPropertyDescriptor(given, name)?.value
    return isCount(limitMs) ? limitMs : undefined
  }
}
