import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { event, procedure, room, stream, upload } from './makers.ts'
import { nothing } from './nothing.ts'
import { isUpload } from './upload.ts'

const text = z.string()

/** What code without types may give for a schema. */
const noSchemas: readonly unknown[] = [null, 0, 'text', {}, { parse() {} }, { '~standard': {} }, () => text]

/** A schema that is a function, as arktype's are. */
const callable = Object.assign(() => undefined, { '~standard': nothing['~standard'] })

/** What is refused where a schema is asked for, in place of which a maker is run. */
function refusalsOf(make: (schema: never) => unknown): string[] {
  return noSchemas.map((schema) => {
    try {
      make(schema as never)
      return 'accepted'
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`
    }
  })
}

const refusal = (where: string) =>
  noSchemas.map(
    () =>
      `TypeError: ${where} is not a schema. Give a schema that speaks Standard Schema, such as z.object({ … }) of zod.`,
  )

describe('procedure', () => {
  it('keeps what it is given', () => {
    const errors = { MUTED: text }
    expect(procedure({ input: text, output: text, errors, timeoutMs: 5, idempotent: true })).toEqual({
      kind: 'procedure',
      input: text,
      output: text,
      errors,
      timeoutMs: 5,
      idempotent: true,
    })
  })

  it('carries nothing where nothing is declared', () => {
    const { input, output, errors, timeoutMs, idempotent } = procedure({})
    expect([input, output, errors, timeoutMs, idempotent]).toEqual([nothing, nothing, {}, undefined, false])
  })

  it('gives what cannot be changed', () => {
    expect(Object.isFrozen(procedure({}))).toBe(true)
  })

  it('takes a schema that is a function', () => {
    expect(procedure({ input: callable }).input).toBe(callable)
  })

  it('refuses what is no schema', () => {
    expect(refusalsOf((input) => procedure({ input }))).toEqual(refusal('procedure({ input })'))
    expect(refusalsOf((output) => procedure({ output }))).toEqual(refusal('procedure({ output })'))
    expect(refusalsOf((X) => procedure({ errors: { X } }))).toEqual(refusal('procedure({ errors: { X } })'))
  })

  it.each([0, -1, Number.NaN, Number.NEGATIVE_INFINITY])('refuses a time limit of %d', (timeoutMs) => {
    expect(() => procedure({ timeoutMs })).toThrow(
      new RangeError(`procedure({ timeoutMs: ${timeoutMs} }): give milliseconds above 0, or leave it out.`),
    )
  })

  it.each(['5', true, null, {}])('refuses a time limit that is no number: %j', (timeoutMs) => {
    expect(() => procedure({ timeoutMs: timeoutMs as never })).toThrow(RangeError)
    expect(() => stream({ items: text, timeoutMs: timeoutMs as never })).toThrow(RangeError)
  })

  it('shows a time limit that is a text as one', () => {
    expect(() => procedure({ timeoutMs: '5' as never })).toThrow('procedure({ timeoutMs: "5" }): give milliseconds')
  })
})

describe('stream', () => {
  it('keeps what it is given', () => {
    const errors = { MUTED: text }
    expect(stream({ input: text, items: text, errors, timeoutMs: 5 })).toEqual({
      kind: 'stream',
      input: text,
      items: text,
      errors,
      timeoutMs: 5,
    })
    expect(stream({ items: text }).input).toBe(nothing)
  })

  it('refuses what is no schema', () => {
    expect(refusalsOf((input) => stream({ input, items: text }))).toEqual(refusal('stream({ input })'))
    expect(refusalsOf((items) => stream({ items }))).toEqual(refusal('stream({ items })'))
    expect(refusalsOf((X) => stream({ items: text, errors: { X } }))).toEqual(refusal('stream({ errors: { X } })'))
    expect(() => stream({} as never)).toThrow(TypeError)
  })

  it('refuses a time limit that is none', () => {
    expect(() => stream({ items: text, timeoutMs: 0 })).toThrow(RangeError)
  })
})

describe('event', () => {
  it('keeps what it is given', () => {
    const reliable = { kind: 'event', delivery: 'reliable', key: undefined }
    expect(event(text, { ack: text })).toEqual({ ...reliable, payload: text, ack: text })
    expect(event()).toEqual({ ...reliable, payload: nothing, ack: nothing })
    expect(event(undefined, { ack: text })).toEqual({ ...reliable, payload: nothing, ack: text })
    expect(event(text, { delivery: 'volatile' })).toMatchObject({ delivery: 'volatile', key: undefined })
    const key = (value: string) => value
    expect(event(text, { delivery: 'latest', key })).toMatchObject({ delivery: 'latest', key })
    expect(event(text, { delivery: 'latest' })).toMatchObject({ delivery: 'latest', key: undefined })
  })

  it('refuses a delivery that there is not, and a key where there is nothing to tell apart', () => {
    expect(() => event(text, { delivery: 'sometimes' } as never)).toThrow(
      new TypeError("event(payload, { delivery: 'sometimes' }): give one of reliable, volatile, latest."),
    )
    const refused = new TypeError("event(payload, { key }): a key is a function, and of { delivery: 'latest' } alone.")
    expect(() => event(text, { key: () => 'x' } as never)).toThrow(refused)
    expect(() => event(text, { delivery: 'volatile', key: () => 'x' } as never)).toThrow(refused)
    expect(() => event(text, { delivery: 'latest', key: 'symbol' } as never)).toThrow(refused)
  })

  it('refuses what is no schema', () => {
    expect(refusalsOf((payload) => event(payload))).toEqual(refusal('event(payload)'))
    expect(refusalsOf((ack) => event(text, { ack }))).toEqual(refusal('event(payload, { ack })'))
  })
})

describe('room', () => {
  it('keeps what it is given', () => {
    const seen = event(text)
    expect(room({ params: text, events: { toServer: { seen } } })).toEqual({
      kind: 'room',
      params: text,
      events: { toServer: { seen }, toClient: {} },
    })
    expect(room({})).toEqual({ kind: 'room', params: nothing, events: { toServer: {}, toClient: {} } })
  })

  it('refuses what is no schema', () => {
    expect(refusalsOf((params) => room({ params }))).toEqual(refusal('room({ params })'))
  })
})

describe('upload', () => {
  it('keeps the schemas of its items and its head', () => {
    const schema = upload(text, z.object({ name: text }))
    expect(isUpload(schema) && [schema.items, schema.head]).toEqual([text, expect.anything()])
    const bare = upload(text)
    expect(isUpload(bare) && bare.head).toBeUndefined()
  })

  it('is no schema that validates: items are read one by one', () => {
    expect(upload(text)['~standard'].validate([])).toHaveProperty('issues')
  })

  it('refuses what is no schema', () => {
    expect(refusalsOf((items) => upload(items))).toEqual(refusal('upload(items)'))
    expect(refusalsOf((head) => upload(text, head))).toEqual(refusal('upload(items, head)'))
  })
})
