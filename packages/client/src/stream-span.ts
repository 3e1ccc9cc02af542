import { isTypewireError } from '@typewire/core'
import type { Asked } from './outgoing.ts'
import type { ClientSpan, ClientTracer } from './types.ts'

/** The one span of a stream, from its first call to its end, in whatever sessions it goes on. */
export interface StreamSpan {
  /** A call of the stream, as a part of it. */
  readonly of: (called: Called) => Called & Pick<Asked, 'trace'>
  readonly end: (error?: unknown) => void
}

type Called = Pick<Asked, 'payload' | 'options' | 'streaming'>

/** Begins with the first call. */
export function streamSpan(tracer: ClientTracer, origin: string): StreamSpan {
  let span: ClientSpan | undefined
  let isBegun = false
  let items = 0
  return {
    of(called) {
      if (!isBegun) span = tracer(origin, 'stream')
      isBegun = true
      const streaming: Asked['streaming'] = (id) => {
        const { onItem, ...others } = called.streaming!(id)
        return { ...others, onItem: (frame) => (items++, onItem?.(frame)) }
      }
      return { ...called, streaming, trace: span?.context }
    },
    // That it was left is no failure.
    end: (error) => span?.end(isTypewireError(error) && error.code === 'ABORTED' ? undefined : error, items),
  }
}
