import type { Schema } from './schema.ts'

/** @throws TypeError that says where something else than a Standard Schema was given. */
export function assertSchema(schema: unknown, where: string): asserts schema is Schema {
  const standard = (schema as Partial<Schema> | undefined)?.['~standard']
  if (typeof standard?.validate === 'function') return
  throw new TypeError(
    `${where} is not a schema. Give a schema that speaks Standard Schema, such as z.object({ … }) of zod.`,
  )
}
