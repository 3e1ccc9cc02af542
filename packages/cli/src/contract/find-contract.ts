import type { AnyContract } from '@typewire/core'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

export interface FoundContract {
  readonly name: string
  readonly contract: AnyContract
  /** The schemas that the module exports, by schema: what they are to be called in what is generated. */
  readonly schemaNames: ReadonlyMap<unknown, string>
}

/** @param wanted the export to take, where there are several contracts. @param where the module, for errors. */
export function findContract(
  exports: Readonly<Record<string, unknown>>,
  wanted: string | undefined,
  where: string,
): FoundContract {
  const contracts = new Map<AnyContract, string>()
  for (const [name, value] of entriesOf(exports)) {
    if (isContract(value) && (!contracts.has(value) || name === wanted)) contracts.set(value, name)
  }
  const found = [...contracts].filter(([, name]) => wanted === undefined || name === wanted)
  const [first, second] = found
  if (first === undefined)
    throw new CliError(nothingFound([...contracts.values()], wanted, where), exitCodes.unreadable)
  if (second !== undefined) {
    const names = found.map(([, name]) => name).join(', ')
    throw new CliError(
      `${where} exports several contracts: ${names}. Say which: --export ${first[1]}.`,
      exitCodes.usage,
    )
  }
  const [contract, name] = first
  return { contract, name: name === 'default' ? 'contract' : name, schemaNames: schemaNamesOf(exports) }
}

function nothingFound(names: readonly string[], wanted: string | undefined, where: string): string {
  if (wanted !== undefined && names.length > 0) {
    return `${where} has no contract of the name ${wanted}. It exports ${names.join(', ')}.`
  }
  return `${where} exports no contract. Export what defineContract gives: export const chat = defineContract({ … }).`
}

/** `default` comes last: a name says more. */
function entriesOf(exports: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  const entries = Object.entries(exports).sort(([a], [b]) => (a < b ? -1 : 1))
  return [...entries.filter(([name]) => name !== 'default'), ...entries.filter(([name]) => name === 'default')]
}

/** By its shape, as it may be made by another copy of @typewire/core. */
function isContract(value: unknown): value is AnyContract {
  return typeof value === 'object' && value !== null && sections.every((section) => section in value)
}

const sections = ['auth', 'procedures', 'streams', 'events', 'rooms', 'namespaces']

function schemaNamesOf(exports: Readonly<Record<string, unknown>>): ReadonlyMap<unknown, string> {
  const names = new Map<unknown, string>()
  for (const [name, value] of entriesOf(exports)) {
    if (isSchema(value) && name !== 'default' && !names.has(value))
      names.set(value, name.charAt(0).toUpperCase() + name.slice(1))
  }
  return names
}

function isSchema(value: unknown): boolean {
  return (typeof value === 'object' || typeof value === 'function') && value !== null && '~standard' in value
}
