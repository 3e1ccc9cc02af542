import { isCount } from '@typewire/core/internal'

/** @throws RangeError for what is given and is no whole number from `least` on. `what`: `join.chat({ last })`. */
export function assertCount(value: number | undefined, what: string, least = 0): void {
  if (value === undefined || (isCount(value) && value >= least)) return
  throw new RangeError(`${what}: ${String(value)} is no whole number from ${least} on.`)
}
