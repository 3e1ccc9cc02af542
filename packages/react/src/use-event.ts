import type { On } from '@typewire/core'
import { useEffect } from 'react'
import { useLatest } from './use-latest.ts'

/**
 * Hears an event while the component is mounted: of the client (`client.on.notice`), of a room (`room.on.message`), or of all
 * rooms of a kind. What the handler returns is the ack, where the server asks for one. It may be another with each render.
 */
export function useEvent<Payload, Answer>(
  on: On<Payload, Answer>,
  handler: (payload: Payload) => NoInfer<Answer>,
): void {
  const latest = useLatest(handler)
  useEffect(() => on((payload) => latest.current(payload)), [on, latest])
}
