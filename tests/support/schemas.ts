import type { Schema } from '@typewire/core'

/** A schema that takes everything, counts how often it is asked, and answers when it is told to. */
export interface GatedSchema<T> extends Schema<T, T> {
  readonly asked: T[]
  /** Answers the oldest question that is open. */
  readonly release: (index?: number) => void
}

/** Answers with a promise, which settles when `release` is called. */
export function gatedSchema<T>(): GatedSchema<T> {
  const asked: T[] = []
  const open: (() => void)[] = []
  return {
    asked,
    release: (index = 0) => open.splice(index, 1)[0]!(),
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        asked.push(value as T)
        return new Promise((resolve) => {
          open.push(() => resolve({ value }))
        })
      },
    },
  }
}

/** Takes everything at once, and counts how often it is asked. */
export function countingSchema<T>(): Schema<T, T> & { readonly asked: T[] } {
  const asked: T[] = []
  return {
    asked,
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        asked.push(value as T)
        return { value }
      },
    },
  }
}
