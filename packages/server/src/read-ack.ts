import { TypewireError } from '@typewire/core'
import { describeIssues, nothing, validate } from '@typewire/core/internal'
import type { OutgoingEvent } from './compile.ts'

/**
 * The ack of a client, parsed by the event's schema.
 * @throws TypewireError `INVALID_ACK` when it does not match.
 */
export async function readAck({ name, ack }: OutgoingEvent, answer: unknown): Promise<unknown> {
  if (ack === nothing) return undefined // a receipt: whatever the handler returned
  const validated = await validate(ack, answer)
  if (!validated.issues) return validated.value
  const { issues } = validated
  const message = `${name}: the client's ack does not match the contract. ${describeIssues(issues)}`
  throw new TypewireError('INVALID_ACK', message, { origin: name, issues })
}
