import { TypewireError } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { OutgoingEvent } from '../compile.ts'
import { memberAck } from './member-acks.ts'

const event = (ack: z.ZodType) => ({ name: 'poll', ack }) as unknown as OutgoingEvent
const answer = { sessionId: 's', outcome: [frames.result.kind, 1, 5] as const }

test('memberAck gives one of the errors of Typewire, whatever failed', async () => {
  expect(await memberAck(event(z.number()), 'hall.poll', answer)).toEqual({ sessionId: 's', status: 'acked', data: 5 })
  expect(await memberAck(event(z.string()), 'hall.poll', answer)).toMatchObject({
    status: 'failed',
    error: { code: 'INVALID_ACK' },
  })
  const cause = new Error('the schema is broken')
  const broken = z.number().refine(() => {
    throw cause
  })
  const ack = await memberAck(event(broken), 'hall.poll', answer)
  expect(ack).toMatchObject({ status: 'failed', error: { code: 'INTERNAL', origin: 'hall.poll', cause } })
  expect((ack as { error: unknown }).error).toBeInstanceOf(TypewireError)
})
