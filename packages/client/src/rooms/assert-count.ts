import { isCount } from '@typewire/core/internal'

/** @throws RangeError for what is given and is no whole number from 0 on. `what`: `join.chat({ last })`. */
export function assertCount(value: number | undefined, what: string): void {
  if (value === undefined || isCount(value)) return
  throw new RangeError(`${what}: ${String(value)} is no whole number from 0 on.`)
}
