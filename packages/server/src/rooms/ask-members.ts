import { TypewireError } from '@typewire/core'
import { type Content, type RequestOutcome, timedOut } from '@typewire/core/internal'
import { packOutcome, type PackedOutcome, unpackOutcome } from '../broker/outcomes.ts'
import type { ServerNode } from '../node.ts'
import { outcomeOfRequest } from '../observability/watch.ts'
import type { PeerSession } from '../peer-session.ts'
import type { Room } from './room.ts'

/** What became of a question at one member. */
export interface Answer {
  readonly sessionId: string
  readonly outcome: RequestOutcome
}

/** The same question to every member: one id, one frame. */
export interface MemberQuestion {
  /** Who is a member of it no more is not asked any more. */
  readonly room: Room
  readonly id: number
  /** For errors: `chat.message`. */
  readonly where: string
  readonly frame: Content
  readonly timeoutMs: number
  readonly signal: AbortSignal
  /** This member cannot be asked: too much is asked of it already. */
  readonly onRefused: (member: PeerSession) => void
}

/**
 * Asks all these members at once and gives what each answered. One time limit serves all; what has not come by then
 * counts as timed out.
 */
export async function askMembers(
  node: ServerNode,
  members: readonly PeerSession[],
  { room, id, where, frame, timeoutMs, signal, onRefused }: MemberQuestion,
): Promise<readonly Answer[]> {
  const withdrawAll = (error: TypewireError) => members.forEach(({ requests }) => requests.withdraw(id, error))
  const abort = () => withdrawAll(new TypewireError('ABORTED', `${where}: aborted by its signal.`, { origin: where }))
  const deadline = node.deadlines.set(timeoutMs, () => withdrawAll(timedOut(where, timeoutMs)))
  signal.addEventListener('abort', abort, { once: true })
  try {
    const answers = members.map(async (member): Promise<Answer> => {
      const access = node.watch && member.accesses.get(room.kind.namespace)
      const tell = access && node.watch.onAsked('room', access, where)
      const outcome = await new Promise<RequestOutcome>((settle) => {
        try {
          member.requests.send({ id, origin: where, ...frame, outlivesSession: false, owner: room, settle })
        } catch (error) {
          settle(error as TypewireError) // OVERLOADED: that member's fate alone
          onRefused(member)
        }
      })
      tell?.(outcomeOfRequest(outcome))
      return { sessionId: member.id, outcome }
    })
    return await Promise.all(answers)
  } finally {
    deadline.cancel()
    signal.removeEventListener('abort', abort)
  }
}

/** As nodes tell each other: plain JSON. */
export function packAnswers(answers: readonly Answer[]): unknown {
  return answers.map(({ sessionId, outcome }) => [sessionId, packOutcome(outcome)] as const)
}

/** What `packAnswers` of a node gave. */
export function unpackAnswers(packed: unknown): readonly Answer[] {
  const answers = packed as readonly (readonly [sessionId: string, outcome: PackedOutcome])[]
  return answers.map(([sessionId, outcome]) => ({ sessionId, outcome: unpackOutcome(outcome) }))
}
