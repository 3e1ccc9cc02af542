/** Of what `next` resolves to. Its key is not exported to users, so that nothing else is taken for it. */
export const added = Symbol('typewire.added')
/** Of what `answer` gives. */
export const answered = Symbol('typewire.answered')

/**
 * What the handler returned, or the next middleware answered. To change it, return a copy: `{ ...passed, value: changed }`;
 * the contract's schema reads what comes out at the end.
 */
export interface Passed<Added = {}> {
  /** Of a call and an event: what the handler gave. Of a stream: its items. Of a join: whether it is let in. */
  readonly value: unknown
  readonly [added]: Added
}

/** What is answered in place of the handler. */
export interface Answered {
  readonly [answered]: unknown
}

/** What was passed on, or answered. @throws TypeError for anything else: `return next()` was forgotten. */
export function valueOf(result: unknown, name: string): unknown {
  if (typeof result === 'object' && result !== null) {
    if (added in result) return (result as Passed).value
    if (answered in result) return result[answered]
  }
  throw new TypeError(
    `A middleware of ${name} returned neither what next() gave nor answer(value). Return one of them.`,
  )
}
