import type { JsonSchemaObject } from '@typewire/core/snapshot'

// Values that look like what their names and formats say, the same ones each time.

export function exampleOfNumber(schema: JsonSchemaObject, name: string): number {
  const least = numberOf(schema['minimum']) ?? numberOf(schema['exclusiveMinimum'])
  const most = numberOf(schema['maximum']) ?? numberOf(schema['exclusiveMaximum'])
  if (typeof schema['default'] === 'number') return schema['default']
  const isInteger = schema['type'] === 'integer' || schema['multipleOf'] !== undefined
  let value = numbersByName.find(([pattern]) => pattern.test(name))?.[1] ?? 1
  if (least !== undefined && value <= least) value = 'minimum' in schema ? least : isInteger ? least + 1 : least + 0.5
  if (most !== undefined && value >= most)
    value = 'maximum' in schema ? most : least === undefined ? most - 1 : (least + most) / 2
  const step = numberOf(schema['multipleOf'])
  if (step !== undefined && step > 0) value = Math.ceil(value / step) * step
  return value
}

const numbersByName: readonly (readonly [RegExp, number])[] = [
  [/(^at$|At$|untilMs$|nowMs$|timestamp)/, 1_769_860_800_000],
  [/Ms$/, 1_500],
  [/(price|cents|amount|cost|total)/i, 1_250],
  [/(count|size|max|limit|capacity)/i, 10],
]

/** @param name what the text is called */
export function exampleOfText(schema: JsonSchemaObject, name: string): string {
  if (typeof schema['default'] === 'string' && schema['default'] !== '') return schema['default']
  const byFormat = textsByFormat[String(schema['format'])]
  if (byFormat !== undefined) return byFormat
  const byName = textsByName.find(([pattern]) => pattern.test(name))?.[1] ?? 'something'
  const fits = fittingTest(schema)
  return [byName, ...candidates].map((text) => sized(text, schema)).find(fits) ?? sized(byName, schema)
}

function fittingTest({ pattern }: JsonSchemaObject): (text: string) => boolean {
  if (typeof pattern !== 'string') return () => true
  try {
    const expression = new RegExp(pattern, 'u')
    return (text) => expression.test(text)
  } catch {
    return () => true // of another flavour
  }
}

/** As long as it must be, and no longer than it may be. */
function sized(text: string, { minLength, maxLength }: JsonSchemaObject): string {
  const least = Math.min(numberOf(minLength) ?? 0, maxLengthShown)
  const long = text.length < least ? text.padEnd(least, text.replaceAll(/\W/g, '') || 'x') : text
  return long.slice(0, numberOf(maxLength) ?? long.length)
}

const maxLengthShown = 64

const textsByName: readonly (readonly [RegExp, string])[] = [
  [/e-?mail/i, 'ada@example.com'],
  [/(url|href|link)$/i, 'https://example.com/'],
  [/(token|secret|password|key)$/i, 'a1b2c3d4e5f6g7h8'],
  [/(^id|Id)$/, '42'],
  [/(name|author|person|user)$/i, 'Ada'],
  [/(text|message|body|content|question)$/i, 'Hello'],
  [/(title|topic|subject)$/i, 'Tea at four'],
  [/(symbol|currency)$/i, 'ACME'],
  [/(reason|description|what)$/i, 'It is done.'],
  [/(colou?r)$/i, 'red'],
]

const candidates: readonly string[] = [
  'a1b2c3d4e5f6g7h8',
  'ada',
  'Ada',
  'ADA',
  '42',
  '2026',
  '123456',
  '12:00',
  '2026-01-31',
  'A1',
  'a-1',
  '#ff8800',
  '+15550100',
  'deadbeef',
  'user_a1b2c3d4e5f6g7h8',
  'DE',
  'en-GB',
  '1.0.0',
  '/a/b',
]

const textsByFormat: Readonly<Record<string, string>> = {
  uuid: '0f6e7b5a-3c1d-4e2f-8a9b-5d4c3b2a1f0e',
  guid: '0f6e7b5a-3c1d-4e2f-8a9b-5d4c3b2a1f0e',
  email: 'ada@example.com',
  'date-time': '2026-01-31T12:00:00.000Z',
  date: '2026-01-31',
  time: '12:00:00',
  duration: 'PT1H30M',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
}

const numberOf = (value: unknown) => (typeof value === 'number' ? value : undefined)
