import { EventsView } from '@typewire/client/views'
import type { On } from '@typewire/core'
import { useMade } from './use-made.ts'
import { useView } from './use-view.ts'

export interface EventsOptions {
  /** How many of the last payloads are kept. Default 100. */
  readonly limit?: number | undefined
}

/** The last payloads of an event since the component was mounted, oldest first. */
export function useEvents<Payload>(on: On<Payload, never>, { limit }: EventsOptions = {}): readonly Payload[] {
  const view = useMade(on, String(limit), () => new EventsView(on as On<unknown, never>, limit))
  return useView(view) as readonly Payload[]
}
