import { keywords, type JsonSchemaObject } from './types.ts'

// How values that JSON cannot say are written (PL-3), as schemas of what is written.

const { type } = keywords

const index = { type: 'integer', minimum: 0 } as const

/** Of values with nothing in them. */
export const leafForms = {
  undefined: { type: 'null', [type]: 'undefined' },
  Date: { type: 'string', format: 'date-time', [type]: 'Date' },
  bigint: { type: 'string', pattern: '^-?\\d+$', [type]: 'bigint' },
  NaN: { const: 'NaN', [type]: 'number' },
  URL: { type: 'string', format: 'uri', [type]: 'URL' },
  Error: {
    type: 'object',
    properties: { name: { type: 'string' }, message: { type: 'string' } },
    required: ['name', 'message'],
    [type]: 'Error',
  },
  RegExp: { type: 'string', [type]: 'regexp' },
  Blob: { type: 'array', prefixItems: [index, { type: 'string' }], minItems: 2, [type]: 'Blob' },
  File: {
    type: 'array',
    prefixItems: [index, { type: 'string' }, { type: 'string' }, { type: 'integer' }],
    minItems: 4,
    [type]: 'File',
  },
} as const satisfies Record<string, JsonSchemaObject>

/** What is made of bytes: the index of a part stands for it. */
const madeOfBytes: Readonly<Record<string, string>> = {
  Uint8Array: 'bytes',
  Buffer: 'bytes',
  ArrayBuffer: 'buffer',
  ...Object.fromEntries(
    [
      'Int8Array',
      'Uint8ClampedArray',
      'Int16Array',
      'Uint16Array',
      'Int32Array',
      'Uint32Array',
      'Float32Array',
      'Float64Array',
      'BigInt64Array',
      'BigUint64Array',
    ].map((name) => [name, name]),
  ),
}

export const setForm = (items: JsonSchemaObject | boolean): JsonSchemaObject => ({
  type: 'array',
  items,
  uniqueItems: true,
  [type]: 'set',
})

export const mapForm = (key: JsonSchemaObject | boolean, value: JsonSchemaObject | boolean): JsonSchemaObject => ({
  type: 'array',
  items: { type: 'array', prefixItems: [key, value], items: false, minItems: 2, maxItems: 2 },
  [type]: 'map',
})

/** How instances of a class are written, by its name. `undefined`: they cannot travel, or nobody knows. */
export function formOfClass(name: string): JsonSchemaObject | undefined {
  if (name === 'Map') return mapForm(true, true)
  if (name === 'Set') return setForm(true)
  if (Object.hasOwn(madeOfBytes, name)) return { ...index, [type]: madeOfBytes[name] }
  return Object.hasOwn(leafForms, name) ? leafForms[name as keyof typeof leafForms] : undefined
}
