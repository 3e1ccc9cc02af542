import { type AnyContract, type CloseName, isTypewireError } from '@typewire/core'
import { describeIssues, PayloadError, validate } from '@typewire/core/internal'
import type { Incidents } from './errors.ts'
import type { AnyFunction } from './middleware/wrap.ts'
import type { ConnectionRequest, Identified } from './types.ts'

/** Reads the credentials, which came as a payload: in a hello, or in a call. @throws PayloadError. */
export type ReadShown = () => unknown

/** The application's function. */
export type AnyAuthenticate = AnyFunction

/**
 * Lets a client in as somebody, or says how to close its connection. Never rejects. `known`: for a namespace, what its
 * `authenticate` gets besides the credentials.
 */
export type Authenticate = (
  readShown: ReadShown,
  request: ConnectionRequest,
  signal: AbortSignal,
  known?: { readonly ctx: Identified },
) => Promise<{ readonly ctx: Identified } | { readonly close: CloseName; readonly reason: string }>

/** A contract's `auth` and the server's `authenticate` for it, as one question (HS-5). `where`: what it is called, in errors. */
export function authenticator(
  { auth: schema }: AnyContract,
  authenticate: AnyAuthenticate | undefined,
  incidents: Incidents,
  where = 'authenticate',
): Authenticate {
  return async (readShown, request, signal, known) => {
    try {
      const validated = await validate(schema, readShown())
      if (validated.issues) return refused(`auth: ${describeIssues(validated.issues)}`)
      if (signal.aborted) return refused('the client went away')
      if (!authenticate) return anybody
      const ctx = identified(await authenticate({ auth: validated.value, signal, ...request, ...known }))
      return (ctx.expiresAtMs ?? Number.POSITIVE_INFINITY) > Date.now()
        ? { ctx }
        : refused('the credentials have expired')
    } catch (error) {
      if (error instanceof PayloadError) return refused(`auth: ${error.message}`)
      if (isTypewireError(error) && error.code === 'UNAUTHORIZED') return refused(error.message)
      if (!signal.aborted) incidents.report(error, where)
      return { close: 'SERVER_ERROR', reason: 'HS-5: authenticate failed; try again later' } as const
    }
  }
}

/** The same each time: nothing has changed that rooms would be judged by. */
const anybody = { ctx: { identity: null } } as const

const refused = (reason: string) => ({ close: 'UNAUTHORIZED', reason }) as const

/** What the types ask for, also of those who do not check types: an identity is what sessions are bound to. */
function identified(ctx: unknown): Identified {
  const { identity, expiresAtMs = 0 } = Object(ctx) as Partial<Record<keyof Identified, unknown>>
  if (typeof expiresAtMs !== 'number' || Number.isNaN(expiresAtMs)) {
    throw new TypeError('authenticate returned an expiresAtMs that is no number: give milliseconds since 1970.')
  }
  if (typeof identity === 'string' || identity === null) return ctx as Identified
  throw new TypeError('authenticate must return { identity: string | null, … }: who the client is, or null for nobody.')
}
