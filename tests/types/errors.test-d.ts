import {
  isErrorOf,
  isTypewireError,
  TypewireError,
  type CallErrorCode,
  type ErrorCode,
  type ErrorOf,
} from '@typewire/core'
import { describe, expectTypeOf, test } from 'vitest'
import { client } from './app/client.ts'

type SendCode = CallErrorCode | 'MUTED' | 'FULL'

describe('isErrorOf', () => {
  const error: unknown = undefined

  test('narrows to the errors of the verb, and by code to their data', () => {
    if (!isErrorOf(client.call.send, error)) return
    expectTypeOf(error).toEqualTypeOf<ErrorOf<typeof client.call.send>>()
    expectTypeOf(error.code).toEqualTypeOf<SendCode>()
    if (error.code === 'MUTED') expectTypeOf(error.data).toEqualTypeOf<{ untilMs: number }>()
    else if (error.code === 'FULL') expectTypeOf(error.data).toEqualTypeOf<Record<string, never>>()
    else expectTypeOf(error).toEqualTypeOf<TypewireError<CallErrorCode, undefined>>()
    if (error.code === 'TIMED_OUT') expectTypeOf(error.data).toEqualTypeOf<undefined>()
    // @ts-expect-error not a code of this procedure
    void (error.code === 'MUTD')
  })

  test('takes verbs of calls, tries and streams', () => {
    if (isErrorOf(client.try.send, error)) expectTypeOf(error.code).toEqualTypeOf<SendCode>()
    if (isErrorOf(client.stream.exportAll, error) && error.code === 'GONE') {
      expectTypeOf(error.data).toEqualTypeOf<{ since: Date }>()
    }
    if (isErrorOf(client.call.ping, error)) expectTypeOf(error.code).toEqualTypeOf<CallErrorCode>()
    // @ts-expect-error a procedure is named by its verb
    isErrorOf('send', error)
  })

  test('before it, an error is unknown', () => {
    // @ts-expect-error nothing is known of it
    void error.code
    if (isTypewireError(error)) {
      expectTypeOf(error.code).toEqualTypeOf<string>()
      expectTypeOf(error.data).toEqualTypeOf<unknown>()
    }
  })
})

describe('ErrorOf', () => {
  test('is a union that is told apart by code', () => {
    type SendError = ErrorOf<typeof client.call.send>
    expectTypeOf<SendError['code']>().toEqualTypeOf<SendCode>()
    expectTypeOf<Extract<SendError, { code: 'MUTED' }>>().toEqualTypeOf<TypewireError<'MUTED', { untilMs: number }>>()
    expectTypeOf<ErrorOf<typeof client.try.send>>().toEqualTypeOf<SendError>()
    expectTypeOf<ErrorOf<typeof client.call.ping>>().toEqualTypeOf<TypewireError<CallErrorCode, undefined>>()
  })
})

describe('try', () => {
  test('an error is told apart by code, exhaustively', async () => {
    const result = await client.try.send({ roomId: '42', text: 'hi' })
    if (result.ok) return
    const { error } = result
    expectTypeOf(error).toEqualTypeOf<ErrorOf<typeof client.call.send>>()
    if (error.code === 'MUTED') expectTypeOf(error.data.untilMs).toEqualTypeOf<number>()
    // @ts-expect-error MUTED is missing
    const texts: Record<typeof error.code, string> = {} as Record<CallErrorCode | 'FULL', string>
    void texts
    // @ts-expect-error only MUTED has data
    void error.data.untilMs
    // @ts-expect-error not a code of this procedure
    void (error.code === 'GONE')
  })
})

describe('TypewireError', () => {
  test('knows its code and data', () => {
    const error = new TypewireError('UNAUTHORIZED', 'Who are you?')
    expectTypeOf(error.code).toEqualTypeOf<'UNAUTHORIZED'>()
    expectTypeOf(error.outcome).toEqualTypeOf<'not_sent' | 'unknown' | undefined>()
    expectTypeOf(error).toExtend<Error>()
    expectTypeOf<'NOT_FOUND'>().toExtend<ErrorCode>()
    // @ts-expect-error not a code of Typewire's own
    const code: ErrorCode = 'MUTED'
    void code
  })
})
