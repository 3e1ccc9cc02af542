import { type JsonSchema, keywords } from '@typewire/core/snapshot'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { readJson } from './read-input.ts'
import { richValue } from './rich-values.ts'
import type { Target } from './target.ts'

export interface PositionOptions {
  /** `undefined`: nothing travels there, where `isDeclared`; else nobody knows. */
  readonly schema: JsonSchema | undefined
  /** A contract says what it takes. */
  readonly isDeclared: boolean
  /** `input`, `payload`, `params`. */
  readonly what: string
  /** What takes it, for errors. */
  readonly name: string
  readonly target: Target
}

/** Reads what is given for a payload. @throws CliError where it is none, or there may be none, or must be one. */
export async function readPosition(
  given: string | undefined,
  { schema, isDeclared, what, name, target }: PositionOptions,
  io: Io,
): Promise<unknown> {
  if (given === undefined) {
    if (schema !== undefined && !mayBeMissing(schema))
      throw new CliError(
        `${name} takes ${what}. Give it as JSON, as @file, or as - for the standard input.`,
        exitCodes.usage,
      )
    return undefined
  }
  if (isDeclared && schema === undefined) throw new CliError(`${name} takes no ${what}.`, exitCodes.usage)
  const json = await readJson(given, what, io)
  return richValue(json, schema ?? true, target.known?.snapshot.$defs ?? {}, what)
}

const mayBeMissing = (schema: JsonSchema) => typeof schema === 'boolean' || schema[keywords.optional] === true
