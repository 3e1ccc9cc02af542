import { type AnyContract, type CloseName, isTypewireError } from '@typewire/core'
import { decodeWithoutBytes, describeIssues, PayloadError, validate } from '@typewire/core/internal'
import type { Incidents } from './errors.ts'
import type { ServerOptions } from './options.ts'
import type { ConnectionRequest, Identified } from './types.ts'

/** The credentials, as a payload: in a hello, or in a call that renews them. */
export interface Shown {
  readonly auth?: unknown
  readonly authAnnotations?: unknown
}

/** Lets a client in as somebody, or says how to close its connection. Never rejects. */
export type Authenticate = (
  shown: Shown,
  request: ConnectionRequest,
  signal: AbortSignal,
) => Promise<{ readonly ctx: Identified } | { readonly close: CloseName; readonly reason: string }>

/** The contract's `auth` and the server's `authenticate`, as one question (HS-5). */
export function authenticator<C extends AnyContract, Ctx extends Identified>(
  contract: C,
  options: ServerOptions<C, Ctx>,
  incidents: Incidents,
): Authenticate {
  return async ({ auth, authAnnotations }, request, signal) => {
    try {
      const validated = await validate(contract.auth, decodeWithoutBytes(auth, authAnnotations))
      if (validated.issues) return refused(`auth: ${describeIssues(validated.issues)}`)
      if (signal.aborted) return refused('the client went away')
      if (!options.authenticate) return anybody
      const ctx = identified(await options.authenticate({ auth: validated.value, signal, ...request }))
      return (ctx.expiresAtMs ?? Number.POSITIVE_INFINITY) > Date.now()
        ? { ctx }
        : refused('the credentials have expired')
    } catch (error) {
      if (error instanceof PayloadError) return refused(`auth: ${error.message}`)
      if (isTypewireError(error) && error.code === 'UNAUTHORIZED') return refused(error.message)
      if (!signal.aborted) incidents.report(error, 'authenticate')
      return { close: 'SERVER_ERROR', reason: 'HS-5: authenticate failed; try again later' } as const
    }
  }
}

/** The same each time: nothing has changed that rooms would be judged by. */
const anybody = { ctx: { identity: null } } as const

const refused = (reason: string) => ({ close: 'UNAUTHORIZED', reason }) as const

/** What the types ask for, also of those who do not check types: an identity is what sessions are bound to. */
function identified(ctx: Identified): Identified {
  const { identity, expiresAtMs = 0 }: Partial<Record<keyof Identified, unknown>> = ctx ?? {}
  if (typeof expiresAtMs !== 'number' || Number.isNaN(expiresAtMs)) {
    throw new TypeError('authenticate returned an expiresAtMs that is no number: give milliseconds since 1970.')
  }
  if (typeof identity === 'string' || identity === null) return ctx
  throw new TypeError('authenticate must return { identity: string | null, … }: who the client is, or null for nobody.')
}
