import type { Position, Schema } from '@typewire/core'
import { isCount, isPosition } from '@typewire/core/internal'
import type { HistoryWish } from '../rooms/arrival.ts'

// What calls to reserved names carry.

export interface JoinInput extends HistoryWish {
  readonly kind: string
  readonly params?: unknown
  readonly presence?: unknown
}

export const joinInput = reservedInput(
  'kind: a string, params, since: { epoch: a string, offset: a count }, last: a count',
  ({ kind, since, last }) =>
    typeof kind === 'string' && (since === undefined || isPosition(since)) && (last === undefined || isCount(last)),
)

export const leaveInput = reservedInput('join: a number', ({ join }) => typeof join === 'number')

export const presenceInput = reservedInput('room: a number', ({ room }) => typeof room === 'number')

export interface HistoryInput {
  readonly room: number
  readonly limit?: number
  readonly before?: Position
}

export const historyInput = reservedInput(
  'room: a number, limit: a count above 0, before: { epoch: a string, offset: a count }',
  ({ room, limit, before }) =>
    typeof room === 'number' &&
    (limit === undefined || (isCount(limit) && limit > 0)) &&
    (before === undefined || isPosition(before)),
)

/** The input of a reserved name: an object whose members are as they must be. */
function reservedInput(shape: string, fits: (input: Record<string, unknown>) => boolean): Schema {
  const validate = (value: unknown) =>
    typeof value === 'object' && value !== null && fits(value as Record<string, unknown>)
      ? { value }
      : { issues: [{ message: `Expected { ${shape} }` }] }
  return { '~standard': { version: 1, vendor: 'typewire', validate } }
}
