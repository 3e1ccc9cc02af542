import { type CallSnapshot, CallView } from '@typewire/client/views'
import type { Call, CallOptions, ErrorsOf, Settled } from '@typewire/core'
import { useMemo } from 'react'
import { useMade } from './use-made.ts'
import { useView } from './use-view.ts'

export interface CallState<In, Out, Errors> extends CallSnapshot<In, Out, ErrorsOf<Errors>> {
  /** Makes a call. Never rejects: `const { ok } = await send.run(input)`. */
  readonly run: undefined extends In
    ? (input?: In, options?: CallOptions) => Promise<Settled<Out, Errors>>
    : (input: In, options?: CallOptions) => Promise<Settled<Out, Errors>>
  /** Forgets what was given and what has failed. What is under way goes on. */
  readonly reset: () => void
}

/**
 * The calls that a component makes of a procedure. `attempts` are those that are under way or have failed, with their inputs:
 * shown beside what is there, they are there before the server has answered, and gone when it has. A call that was made is not
 * given up when the component is unmounted.
 */
export function useCall<In, Out, Errors>(call: Call<In, Out, Errors>): CallState<In, Out, Errors> {
  const view = useMade(call, '', () => new CallView(call))
  const snapshot = useView(view)
  const { run, reset } = view
  return useMemo(() => ({ ...snapshot, run, reset }), [snapshot, run, reset]) as unknown as CallState<In, Out, Errors>
}
