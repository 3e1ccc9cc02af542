export interface Backoff {
  readonly minDelayMs: number
  readonly maxDelayMs: number
  readonly random: () => number
}

/**
 * How long to wait before the next attempt, in milliseconds: any time up to a bound that doubles with each failure, at
 * the cap too, so that clients which lost one server at one moment do not return at one moment
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter, "full jitter").
 */
export function backoffMs(failures: number, { minDelayMs, maxDelayMs, random }: Backoff): number {
  return random() * Math.min(maxDelayMs, minDelayMs * 2 ** Math.max(0, failures - 1))
}
