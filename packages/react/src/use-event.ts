import type { OnOptions, Unsubscribe } from '@typewire/core'
import { useEffect } from 'react'
import { useLatest } from './use-latest.ts'

/** Hears an event: `client.on.x`, `room.on.x`, or `client.rooms.x.on.y`, which tells which room it was as well. */
type Hears<Heard extends readonly unknown[], Answer> = (
  handler: (...heard: Heard) => Answer,
  options?: OnOptions,
) => Unsubscribe

/**
 * Hears an event while the component is mounted: of the client (`client.on.notice`), of a room (`room.on.message`), or of all
 * rooms of a kind (`client.rooms.chat.on.message`). What the handler returns is the ack, where the server asks for one. It may
 * be another with each render.
 */
export function useEvent<Heard extends readonly unknown[], Answer>(
  on: Hears<Heard, Answer>,
  handler: (...heard: Heard) => NoInfer<Answer>,
): void {
  const latest = useLatest(handler)
  useEffect(() => on((...heard) => latest.current(...heard)), [on, latest])
}
