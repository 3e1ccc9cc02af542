import { describe, expect, it } from 'vitest'
import { TypewireError } from '../errors/typewire-error.ts'
import { isErrorOf } from './is-error-of.ts'
import type { Call } from './verbs.ts'

type Verb = Call<string, string, { MUTED: { untilMs: number } }>

function verb(name: string): Verb {
  const call = (() => Promise.resolve('')) as Verb
  Object.defineProperty(call, 'name', { value: name })
  return call
}

const error = new TypewireError('MUTED', 'Muted.', { origin: 'send', data: { untilMs: 5 } })

describe('isErrorOf', () => {
  it.each(['call.send', 'try.send'])('is true for an error of the verb %s', (name) => {
    expect(isErrorOf(verb(name), error)).toBe(true)
  })

  it('narrows code and data', () => {
    const caught: unknown = error
    expect(isErrorOf(verb('call.send'), caught) && caught.code === 'MUTED' && caught.data.untilMs).toBe(5)
  })

  it.each(['call.list', 'call.sen', 'call.send2', 'call.'])('is false for an error of another verb: %s', (name) => {
    expect(isErrorOf(verb(name), error)).toBe(false)
  })

  it.each(['', 'spy', 'send', 'bound call.send'])('lets any fit where a stand-in has another name: %j', (name) => {
    expect(isErrorOf(verb(name), error)).toBe(true)
  })

  it('lets an error fit that has no origin', () => {
    expect(isErrorOf(verb('call.send'), new TypewireError('CLOSED', 'This client was closed.'))).toBe(true)
  })

  it.each([new Error('x'), null, undefined, 'MUTED', { code: 'MUTED', origin: 'send' }])(
    'is false for what is no TypewireError: %o',
    (value) => {
      expect(isErrorOf(verb('call.send'), value)).toBe(false)
    },
  )
})
