import type { Schema } from './schema.ts'

/** What the run time of uploads reads: the schema of an item, and of the head where there is one. */
export interface UploadSchema extends Schema {
  readonly items: Schema
  readonly head: Schema | undefined
}

/** The head is validated when the call arrives, each item as it is read; the iterable itself cannot be validated. */
export function uploadSchema(items: Schema, head: Schema | undefined): UploadSchema {
  return {
    items,
    head,
    '~standard': {
      version: 1,
      vendor: 'typewire',
      validate: () => ({ issues: [{ message: 'An upload is read item by item' }] }),
    },
  }
}

export function isUpload(schema: Schema): schema is UploadSchema {
  return 'items' in schema && schema['~standard'].vendor === 'typewire'
}
