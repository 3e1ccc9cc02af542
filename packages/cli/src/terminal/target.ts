import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ContractSnapshot, NamespaceSnapshot } from '@typewire/core/snapshot'
import { CliError } from '../cli-error.ts'
import { readContract, snapshotFile } from '../contract/read-contract.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { nearest } from './suggest.ts'

/** What a name may be of. */
export type Kind = 'procedure' | 'stream' | 'event to the server' | 'event to clients' | 'room'

/** What is known of the server's contract, and the part of it that is meant: the root, or a namespace. */
export interface Target {
  /** The namespace's names, from the outside in; none of the root. */
  readonly path: readonly string[]
  readonly known: Known | undefined
}

export interface Known {
  readonly snapshot: ContractSnapshot
  /** Of the path. */
  readonly section: NamespaceSnapshot
  /** Where it was read from, for errors. */
  readonly source: string
}

export interface TargetOptions {
  /** `false`: nothing is checked. */
  readonly contract?: string | false
  readonly namespace?: string
}

/** @throws CliError when there is no such namespace, or the contract cannot be read. */
export async function readTarget({ contract, namespace }: TargetOptions, io: Io): Promise<Target> {
  const path = namespace === undefined ? [] : namespace.split(/[./]/)
  const source = contract ?? (existsSync(resolve(io.cwd, snapshotFile)) ? snapshotFile : false)
  if (source === false) return { path, known: undefined }
  const snapshot = await readContract(source, io)
  let section: NamespaceSnapshot = snapshot
  for (const [index, name] of path.entries()) {
    const namespaces = section.namespaces ?? {}
    const inner = Object.hasOwn(namespaces, name) ? namespaces[name] : undefined
    if (!inner)
      throw unknownName('namespace', path.slice(0, index + 1).join('.'), name, Object.keys(namespaces), source)
    section = inner
  }
  return { path, known: { snapshot, section, source } }
}

/** The names of a kind in a part of a contract. */
export function namesOf(section: NamespaceSnapshot, kind: Kind): readonly string[] {
  if (kind === 'procedure') return Object.keys(section.procedures ?? {})
  if (kind === 'stream') return Object.keys(section.streams ?? {})
  if (kind === 'room') return Object.keys(section.rooms ?? {})
  return Object.keys((kind === 'event to the server' ? section.events?.toServer : section.events?.toClient) ?? {})
}

/** Which of these kinds a name is of; `undefined` where no contract says. @throws CliError when it is of none. */
export function kindOf(name: string, kinds: readonly Kind[], { known }: Target): Kind | undefined {
  if (!known) return undefined
  const { section, source } = known
  const found = kinds.find((kind) => namesOf(section, kind).includes(name))
  if (found) return found
  const other = allKinds.find((kind) => namesOf(section, kind).includes(name))
  if (other)
    throw new CliError(
      `${name} is ${withArticle(other)}, not ${withArticle(kinds[0]!)}: ${commands[other]}.`,
      exitCodes.usage,
    )
  throw unknownName(
    kinds[0]!,
    name,
    name,
    kinds.flatMap((kind) => namesOf(section, kind)),
    source,
  )
}

const allKinds: readonly Kind[] = ['procedure', 'stream', 'event to the server', 'event to clients', 'room']

const commands: Readonly<Record<Kind, string>> = {
  procedure: 'typewire call asks it',
  stream: 'typewire stream reads it',
  'event to the server': 'typewire emit sends it',
  'event to clients': 'typewire listen hears it',
  room: 'typewire join joins it',
}

const withArticle = (kind: Kind) => (kind.startsWith('event') ? `an ${kind}` : `a ${kind}`)

/** For names that are not there. `within`: those that are. */
export function unknownName(
  what: string,
  shown: string,
  given: string,
  within: readonly string[],
  source: string,
): CliError {
  const near = nearest(given, within)
  const advice =
    near === undefined
      ? within.length === 0
        ? 'There is none at all.'
        : `There ${within.length === 1 ? 'is' : 'are'} ${[...within].sort().slice(0, 12).join(', ')}${within.length > 12 ? ', …' : ''}.`
      : `Did you mean ${near}?`
  return new CliError(
    `There is no ${what} ${shown} in ${source}. ${advice} (--no-contract asks the server all the same.)`,
    exitCodes.usage,
  )
}
