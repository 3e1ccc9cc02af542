import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { nothing } from './nothing.ts'
import type { Schema } from './schema.ts'
import { describeIssues, validate } from './validate.ts'

const schemaOf = (run: (value: unknown) => unknown): Schema => ({
  '~standard': { version: 1, vendor: 'test', validate: run },
})

describe('validate', () => {
  it('gives what the schema makes of a value, at once where the schema does', () => {
    expect(validate(z.string().trim(), ' a ')).toEqual({ value: 'a' })
    expect(
      validate(
        schemaOf(() => ({ value: undefined })),
        1,
      ),
    ).toEqual({ value: undefined })
  })

  it('gives what is wrong, with paths, and nothing more of it', () => {
    const schema = z.object({ items: z.array(z.object({ id: z.string() })) })
    expect(validate(schema, { items: [{ id: 1 }] })).toEqual({
      issues: [{ message: expect.stringContaining('string') as string, path: ['items', 0, 'id'] }],
    })
  })

  it.each<[string, unknown, readonly unknown[]]>([
    ['keys', ['a', 0], ['a', 0]],
    ['objects that hold a key', [{ key: 'a' }, { key: 0, more: 1 }], ['a', 0]],
    ['symbols', [Symbol('s'), { key: Symbol('t') }], ['Symbol(s)', 'Symbol(t)']],
    ['none', undefined, []],
    ['none, as a list', [], []],
  ])('reads the path of an issue, given as %s', (_, path, read) => {
    const issue = path === undefined ? { message: 'no' } : { message: 'no', path }
    expect(
      validate(
        schemaOf(() => ({ issues: [issue] })),
        1,
      ),
    ).toEqual({ issues: [{ message: 'no', path: read }] })
  })

  it('takes a list of no issues for a refusal', () => {
    expect(
      validate(
        schemaOf(() => ({ issues: [] })),
        1,
      ),
    ).toEqual({ issues: [] })
  })

  it('waits for a schema that answers with a promise, or what is like one', async () => {
    const slow = validate(
      z.string().refine((text) => Promise.resolve(text !== 'x')),
      'x',
    )
    await expect(slow).resolves.toMatchObject({ issues: [{ path: [] }] })
    const thenable = { then: (resolve: (result: unknown) => void) => resolve({ value: 5 }) }
    await expect(
      validate(
        schemaOf(() => thenable),
        1,
      ),
    ).resolves.toEqual({ value: 5 })
  })

  it('throws what the schema throws', async () => {
    const fault = new Error('a fault')
    const throwing = schemaOf(() => {
      throw fault
    })
    expect(() => validate(throwing, 1)).toThrow(fault)
    await expect(
      validate(
        schemaOf(() => Promise.reject(fault)),
        1,
      ),
    ).rejects.toBe(fault)
  })
})

describe('nothing', () => {
  it('takes undefined alone', () => {
    expect(validate(nothing, undefined)).toEqual({ value: undefined })
    for (const value of [null, 0, '', {}, false]) {
      expect(validate(nothing, value)).toEqual({
        issues: [{ message: 'Nothing is declared here, so nothing may be sent', path: [] }],
      })
    }
  })
})

describe('describeIssues', () => {
  const issue = (message: string, ...path: (string | number)[]) => ({ message, path })

  it.each<[string, readonly (string | number)[]]>([
    ['No', []],
    ['text: No', ['text']],
    ['items[0].id: No', ['items', 0, 'id']],
    ['[0][1]: No', [0, 1]],
    ['[0].a.b: No', [0, 'a', 'b']],
  ])('writes %s', (text, path) => {
    expect(describeIssues([issue('No', ...path)])).toBe(text)
  })

  it('shows the first three, and says how many there are more', () => {
    const issues = ['a', 'b', 'c', 'd', 'e'].map((key) => issue('No', key))
    expect(describeIssues(issues.slice(0, 3))).toBe('a: No; b: No; c: No')
    expect(describeIssues(issues.slice(0, 4))).toBe('a: No; b: No; c: No; and 1 more')
    expect(describeIssues(issues)).toBe('a: No; b: No; c: No; and 2 more')
    expect(describeIssues([])).toBe('')
  })
})
