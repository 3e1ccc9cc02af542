import { type Skip, type StreamSnapshot, StreamView, type StreamViewOptions, viewKey } from '@typewire/client/views'
import type { ErrorsOf, Stream } from '@typewire/core'
import { useEffect, useMemo } from 'react'
import { useMade } from './use-made.ts'
import { useView } from './use-view.ts'

export interface StreamState<Item, Errors> extends StreamSnapshot<Item, ErrorsOf<Errors>> {
  /** Calls the stream again, from its beginning. */
  readonly retry: () => void
}

/** An input that may be left out comes with options behind it, as any other. */
type InputThen<In, Options> = undefined extends In
  ? [input?: In | Skip, options?: Options]
  : [input: In | Skip, options?: Options]

/**
 * Reads a stream while the component is mounted, and keeps its last items. Another input is another stream, which begins with
 * nothing; the one before is told to end.
 */
export function useStream<In, Item, Errors>(
  stream: Stream<In, Item, Errors>,
  ...[input, options]: InputThen<NoInfer<In>, StreamViewOptions>
): StreamState<Item, Errors> {
  const view = useMade(stream, viewKey(input), () => new StreamView(stream, input, options))
  const limit = options?.limit
  useEffect(() => view.keep(limit), [view, limit])
  const snapshot = useView(view)
  const { retry } = view
  return useMemo(() => ({ ...snapshot, retry }), [snapshot, retry]) as StreamState<Item, Errors>
}
