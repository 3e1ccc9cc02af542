import type { Issue } from '../util/issue.ts'
import { isPromiseLike } from '../util/types.ts'
import type { Schema } from './schema.ts'

/** What a schema says of a value: the value that it makes of it, or what is wrong. */
export type Validated = { readonly value: unknown; readonly issues?: undefined } | { readonly issues: readonly Issue[] }

/**
 * Runs a schema. Synchronous unless the schema answers with a promise.
 * @throws whatever the schema throws by itself (a refinement with a fault).
 */
export function validate(schema: Schema, value: unknown): Validated | Promise<Validated> {
  const result = schema['~standard'].validate(value)
  return isPromiseLike(result) ? Promise.resolve(result).then(normalise) : normalise(result)
}

function normalise(result: unknown): Validated {
  const { issues } = result as { issues?: readonly StandardIssue[] }
  if (issues === undefined) return result as { value: unknown }
  return { issues: issues.map(normaliseIssue) }
}

/** As Standard Schema gives it: a path segment is a key, or an object that holds one. */
interface StandardIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

function normaliseIssue({ message, path = [] }: StandardIssue): Issue {
  return {
    message,
    path: path.map((segment) => {
      const key = typeof segment === 'object' ? segment.key : segment
      return typeof key === 'symbol' ? String(key) : key
    }),
  }
}

/** For messages: `text: Too short; items[0].id: Expected string` (the first three). */
export function describeIssues(issues: readonly Issue[]): string {
  const shown = issues
    .slice(0, 3)
    .map(({ message, path }) => (path.length ? `${describePath(path)}: ${message}` : message))
  const more = issues.length - shown.length
  return shown.join('; ') + (more > 0 ? `; and ${more} more` : '')
}

function describePath(path: Issue['path']): string {
  return path.map((key, at) => (typeof key === 'number' ? `[${key}]` : at === 0 ? key : `.${key}`)).join('')
}
