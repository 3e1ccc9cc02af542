export interface PresenceSettings {
  readonly graceMs: number
  readonly mode: 'list' | 'count'
}

/** A day. What is meant to stay for longer is no presence. */
const maxGraceMs = 86_400_000

/** @throws RangeError for a time that is none; TypeError for a mode that there is not. */
export function readPresenceOptions(options: Partial<PresenceSettings> | undefined, where: string): PresenceSettings {
  const { graceMs = 10_000, mode = 'list' } = options ?? {}
  if (!(graceMs >= 0 && graceMs <= maxGraceMs)) {
    throw new RangeError(`implement: ${where}.graceMs is ${graceMs}. Give milliseconds from 0 to ${maxGraceMs}.`)
  }
  if (mode !== 'list' && mode !== 'count') {
    throw new TypeError(`implement: ${where}.mode is '${String(mode)}'. Give 'list' or 'count'.`)
  }
  return { graceMs, mode }
}
