import { TypewireError } from '@typewire/core'

/** What is asked of a room by who is not in it any more, or never was. */
export const notAMember = (origin: string): TypewireError =>
  new TypewireError('FORBIDDEN', `${origin}: the room was left or its join denied. Join it again.`, { origin })

/** What was asked of a room is over, since its handle was given back. */
export const wasLeft = (origin: string): TypewireError =>
  new TypewireError('ABORTED', `${origin}: the room was left.`, { origin })
