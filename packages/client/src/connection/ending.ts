import { type CallErrorCode, closeCodes } from '@typewire/core'
import { closeName, type CloseOptions } from '@typewire/core/internal'

/** In place of a close code, where nothing was opened. */
export const notBegun = 0

/** Why a connection ended, and what the server said of it. */
export interface Ending extends CloseOptions {
  readonly code: number
  readonly reason: string
  /** Somebody ended it, and the session with it. Without it the link is lost, and the session may be found again. */
  readonly isFinal: boolean
}

/** By these a peer says that it would be so again with what was written. */
export const brokenBy: ReadonlySet<number> = new Set([closeCodes.BAD_FRAME.code, closeCodes.TOO_LARGE.code])

/** What calls reject with when the server says not to come back. */
export const codesOfEndings: Readonly<Record<string, CallErrorCode>> = {
  UNAUTHORIZED: 'UNAUTHORIZED',
  UNSUPPORTED_VERSION: 'UNSUPPORTED',
}

/** For people: `GOING_AWAY: the server is closing`. */
export function describe({ code, reason }: Ending): string {
  if (code === notBegun) return reason
  return `${closeName(code)}${reason ? `: ${reason}` : ` (${code})`}`
}
