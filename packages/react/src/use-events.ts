import { EventsView } from '@typewire/client/views'
import type { On } from '@typewire/core'
import { useEffect } from 'react'
import { useMade } from './use-made.ts'
import { useView } from './use-view.ts'

export interface EventsOptions {
  /** How many of the last payloads are kept. Default 100. May be another later: those that it has stay, if they may. */
  readonly limit?: number | undefined
}

/** The last payloads of an event since the component was mounted, oldest first. */
export function useEvents<Payload>(on: On<Payload, never>, { limit }: EventsOptions = {}): readonly Payload[] {
  const view = useMade(on, '', () => new EventsView(on as On<unknown, never>, limit))
  useEffect(() => view.keep(limit), [view, limit])
  return useView(view) as readonly Payload[]
}
