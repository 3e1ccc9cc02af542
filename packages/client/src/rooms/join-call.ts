import { type Deadline, frames, payloadOf, type RequestOutcome, timedOut } from '@typewire/core/internal'
import type { Connection } from '../connection/connection.ts'
import type { Scope } from '../namespaces/scope.ts'
import { encodeText } from '../codec.ts'
import { optionsText } from '../time-limit.ts'
import type { ClientSpan } from '../types.ts'

export interface JoinCall {
  readonly connection: Connection
  /** What its kind is of. */
  readonly scope: Scope
  readonly kind: string
  /** Of `$join`. Members that are undefined are left out. */
  readonly input: object
  /** It is about to be sent, under this id. */
  readonly onSend: (id: number) => void
  readonly settle: (id: number, outcome: RequestOutcome) => void
}

/**
 * Asks the server to let this session into a room, where the namespace of its kind is open; else nothing is sent.
 * @throws TypewireError when it cannot be sent.
 */
export function callJoin({ connection, scope, kind, input, onSend, settle }: JoinCall): void {
  const text = encodeText(
    connection,
    Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
    kind,
  )
  connection.use(`join.${kind}`)
  scope.use(`join.${kind}`)
  if (!scope.isOpen) return
  const id = connection.nextId()
  const frameOf = (options: string) => `[${frames.call.kind},${id},"$join",${options}${text}]`
  connection.assertSendable({ text: frameOf('0') }, kind, { isAwaited: true })
  const span = connection.tracer?.(kind, 'join') // what it adds to the frame is short
  const deadline = limitSilence(connection, (limitMs) =>
    connection.requests.withdraw(id, timedOut(`join.${kind}`, limitMs)),
  )
  onSend(id)
  try {
    connection.requests.send({
      id,
      origin: kind,
      text: frameOf(optionsText(Infinity, span?.context)),
      outlivesSession: scope.isRoot, // in a namespace it is asked again behind the opening of that
      owner: scope,
      settle: (outcome) => {
        deadline.cancel()
        if (span) endBy(outcome, { connection, kind, span })
        settle(id, outcome)
      },
    })
  } catch (error) {
    deadline.cancel()
    span?.end(error)
    throw error
  }
}

function endBy(
  outcome: RequestOutcome,
  { connection, kind, span }: Pick<JoinCall, 'connection' | 'kind'> & { readonly span: ClientSpan },
): void {
  try {
    payloadOf(outcome, kind, { decode: connection.codec.decode, from: 'server' })
    span.end()
  } catch (error) {
    span.end(error)
  }
}

/** A join without a time limit of its own waits for as long as the server is away; only silence on a connection ends it. */
export function limitSilence(connection: Connection, expire: (limitMs: number) => void): Deadline {
  const limitMs = connection.backstopMs
  const set = (): Deadline =>
    connection.deadlines.set(limitMs, () => {
      if (connection.isOpen) expire(limitMs)
      else deadline = set()
    })
  let deadline = set()
  return { cancel: () => deadline.cancel() }
}
