import type { CallOptions } from '@typewire/core'

/** @throws RangeError for a time limit that is none. */
export function assertTimeLimit(origin: string, { timeoutMs }: CallOptions): void {
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return
  throw new RangeError(`${origin}: timeoutMs is ${shown(timeoutMs)}. Give milliseconds above 0.`)
}

/** From JavaScript it may be anything. */
const shown = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))
