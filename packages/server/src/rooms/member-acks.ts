import { isTypewireError, type MemberAck, TypewireError } from '@typewire/core'
import { decodePayload, payloadOf } from '@typewire/core/internal'
import type { OutgoingEvent } from '../compile.ts'
import { readAck } from '../read-ack.ts'
import type { Answer } from './ask-members.ts'

/** What became of an event with an ack at one member, from what the member has answered. */
export async function memberAck(event: OutgoingEvent, where: string, answer: Answer): Promise<MemberAck<unknown>> {
  const { sessionId, outcome } = answer
  try {
    return {
      sessionId,
      status: 'acked',
      data: await readAck(event, payloadOf(outcome, where, { decode: decodePayload })),
    }
  } catch (error) {
    // What ended at the member's node is an error as the outcome; what the client answered is a frame.
    const code = outcome instanceof TypewireError ? outcome.code : undefined
    if (code === 'TIMED_OUT') return { sessionId, status: 'timedOut' }
    if (code === 'SESSION_LOST') return { sessionId, status: 'left' }
    return { sessionId, status: 'failed', error: isTypewireError(error) ? error : failed(where, error) }
  }
}

/** A schema of the contract has failed by itself. */
const failed = (where: string, cause: unknown) =>
  new TypewireError('INTERNAL', `${where}: the ack could not be read: ${String(cause)}`, { origin: where, cause })
