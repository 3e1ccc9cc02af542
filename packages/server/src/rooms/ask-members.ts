import { type CallOptions, type MemberAck, TypewireError } from '@typewire/core'
import { type Content, payloadOf, type RequestOutcome, timedOut } from '@typewire/core/internal'
import type { OutgoingEvent } from '../compile.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { readAck } from '../read-ack.ts'

/** The same question to every member: one id, one frame. */
interface Question {
  readonly id: number
  readonly where: string
  readonly frame: Content
}

/**
 * Asks all members at once and gives what became of it at each. One time limit serves all; what has not come by then
 * counts as timed out.
 * @throws TypewireError `ABORTED` by the signal.
 */
export async function askMembers(
  node: ServerNode,
  members: readonly PeerSession[],
  event: OutgoingEvent,
  { id, where, frame }: Question,
  { timeoutMs = node.settings.timeoutMs, signal }: CallOptions,
): Promise<readonly MemberAck<unknown>[]> {
  const withdrawAll = (error: TypewireError) => members.forEach(({ requests }) => requests.withdraw(id, error))
  const abort = () => withdrawAll(new TypewireError('ABORTED', `${where}: aborted by its signal.`, { origin: where }))
  const deadline = node.deadlines.set(timeoutMs, () => withdrawAll(timedOut(where, timeoutMs)))
  signal?.addEventListener('abort', abort, { once: true })
  try {
    signal?.throwIfAborted()
    const acks = members.map(async (member): Promise<MemberAck<unknown>> => {
      const outcome = await new Promise<RequestOutcome>((settle) => {
        try {
          member.requests.send({ id, origin: where, ...frame, outlivesSession: false, settle })
        } catch (error) {
          settle(error as TypewireError) // OVERLOADED: that member's fate alone
        }
      })
      return { sessionId: member.id, ...(await fateOf(outcome, where, event)) }
    })
    const fates = await Promise.all(acks)
    signal?.throwIfAborted()
    return fates
  } catch (error) {
    if (!signal?.aborted) throw error
    throw new TypewireError('ABORTED', `${where}: aborted by its signal.`, { origin: where, cause: signal.reason })
  } finally {
    deadline.cancel()
    signal?.removeEventListener('abort', abort)
  }
}

type Fate =
  | { readonly status: 'acked'; readonly data: unknown }
  | { readonly status: 'failed'; readonly error: Error }
  | { readonly status: 'timedOut' | 'left' }

async function fateOf(outcome: RequestOutcome, where: string, event: OutgoingEvent): Promise<Fate> {
  try {
    return { status: 'acked', data: await readAck(event, payloadOf(outcome, where)) }
  } catch (error) {
    // What ended on this side is an error as the outcome; what the client answered is a frame.
    const code = outcome instanceof TypewireError ? outcome.code : undefined
    if (code === 'TIMED_OUT') return { status: 'timedOut' }
    if (code === 'SESSION_LOST') return { status: 'left' }
    return { status: 'failed', error: error as Error }
  }
}
