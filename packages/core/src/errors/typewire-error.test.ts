import { describe, expect, it, vi } from 'vitest'
import { isTypewireError, TypewireError } from './typewire-error.ts'

const membersOf = (error: object): object => Object.fromEntries(Object.entries(error))

describe('TypewireError', () => {
  it('is an Error with a code and a message', () => {
    const error = new TypewireError('NOT_FOUND', 'Not here.')
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'TypewireError', code: 'NOT_FOUND', message: 'Not here.' })
    expect(String(error)).toBe('TypewireError: Not here.')
    expect(error.stack).toContain('typewire-error.test.ts')
  })

  it('has each of its details, and undefined where there is none', () => {
    const none = { data: undefined, origin: undefined, outcome: undefined, issues: undefined, incident: undefined }
    expect(membersOf(new TypewireError('A', 'a'))).toEqual({ name: 'TypewireError', code: 'A', ...none })
    const details = {
      data: { untilMs: 5 },
      origin: 'send',
      outcome: 'not_sent',
      issues: [{ message: 'Too short', path: ['text'] }],
      incident: 'i1',
    } as const
    expect(membersOf(new TypewireError('MUTED', 'a', details))).toEqual({
      name: 'TypewireError',
      code: 'MUTED',
      ...details,
    })
  })

  it('has a cause only where one is given', () => {
    const cause = new Error('the cause')
    expect(new TypewireError('A', 'a', { cause }).cause).toBe(cause)
    expect(new TypewireError('A', 'a', { cause: null }).cause).toBeNull()
    expect(Object.hasOwn(new TypewireError('A', 'a'), 'cause')).toBe(false)
  })
})

describe('isTypewireError', () => {
  it('is true for its own', () => {
    expect(isTypewireError(new TypewireError('A', 'a'))).toBe(true)
  })

  it('is true for one that another copy of this package made', async () => {
    vi.resetModules()
    const copy = await import('./typewire-error.ts')
    const error = new copy.TypewireError('A', 'a')
    expect(error).not.toBeInstanceOf(TypewireError)
    expect(isTypewireError(error)).toBe(true)
    expect(copy.isTypewireError(new TypewireError('A', 'a'))).toBe(true)
  })

  it.each<[string, unknown]>([
    ['an Error', new Error('x')],
    ['an Error of the same name and code', Object.assign(new Error('x'), { name: 'TypewireError', code: 'ABORTED' })],
    ['what came by wire', JSON.parse(JSON.stringify(new TypewireError('A', 'a')))],
    ['the class', TypewireError],
    ['null', null],
    ['undefined', undefined],
    ['a text', 'TypewireError'],
  ])('is false for %s', (_, value) => {
    expect(isTypewireError(value)).toBe(false)
  })
})
