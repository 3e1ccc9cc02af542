import type { Issue } from '../util/issue.ts'

/** What a `TypewireError` knows beyond its code and message. */
export interface TypewireErrorDetails<Data = unknown> {
  readonly data?: Data
  /** The name that was called, emitted or joined: `send`. */
  readonly origin?: string | undefined
  readonly outcome?: 'not_sent' | 'unknown' | undefined
  readonly issues?: readonly Issue[] | undefined
  readonly incident?: string | undefined
  readonly cause?: unknown
}

const brand = Symbol.for('typewire.error')

/**
 * The one error class. `code` comes from the closed list in `errorCodes` or from the procedure's `errors`, `data` is
 * what the contract declares for that code (`undefined` for Typewire's own).
 */
export class TypewireError<Code extends string = string, Data = unknown> extends Error {
  override readonly name = 'TypewireError'
  declare readonly code: Code
  declare readonly data: Data
  /** The name that was called, emitted or joined: `send`. */
  declare readonly origin: string | undefined
  /** For what was in flight when a session was lost: whether the other side can have seen it. */
  declare readonly outcome: 'not_sent' | 'unknown' | undefined
  /** What a schema found wrong, with paths. */
  declare readonly issues: readonly Issue[] | undefined
  /** Finds the details of an `INTERNAL` error in the log of the side where it happened. */
  declare readonly incident: string | undefined

  constructor(code: Code, message: string, details: TypewireErrorDetails<Data> = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    this.data = details.data as Data
    this.origin = details.origin
    this.outcome = details.outcome
    this.issues = details.issues
    this.incident = details.incident
    Object.defineProperty(this, brand, { value: true })
  }
}

/** Tells Typewire's errors from others, also where two copies of this package are loaded. */
export function isTypewireError(error: unknown): error is TypewireError {
  return typeof error === 'object' && error !== null && brand in error
}

/** What a handler gets as `errors`: one maker per declared code. */
export type ErrorMakers<ErrorsIn> = {
  readonly [Code in keyof ErrorsIn]: (data: ErrorsIn[Code]) => TypewireError<Code & string, ErrorsIn[Code]>
}
