import { isCount } from './types.ts'

/** Where a publication stands in its channel's history. */
export interface Position {
  /** Offsets are comparable within an epoch. A channel has another one whenever offsets could be used again. */
  readonly epoch: string
  /** Rises by one with each publication. The first one of an epoch has 1; 0 is before it. */
  readonly offset: number
}

export function isPosition(value: unknown): value is Position {
  const { epoch, offset } = Object(value) as Partial<Record<keyof Position, unknown>>
  return typeof epoch === 'string' && isCount(offset)
}
