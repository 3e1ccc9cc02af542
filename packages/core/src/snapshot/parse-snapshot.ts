import { stableText } from './stable-text.ts'
import type { ContractSnapshot } from './types.ts'

/** The text of a snapshot, as `typewire.json` has it: sorted, so that what changed is what a diff shows. */
export function snapshotText(snapshot: ContractSnapshot): string {
  return `${stableText(snapshot, 2)}\n`
}

/** Whether it is a snapshot, as far as it is looked into before it is read. */
export function isSnapshot(value: unknown): value is ContractSnapshot {
  if (typeof value !== 'object' || value === null) return false
  const { typewire, fingerprint } = value as Partial<ContractSnapshot>
  return typewire === 1 && typeof fingerprint === 'string'
}

/** @param where what it was read from, for errors. @throws SyntaxError when it is not JSON; TypeError when it is no snapshot. */
export function parseSnapshot(text: string, where: string): ContractSnapshot {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new SyntaxError(`${where} is not JSON. Write it anew: typewire snapshot.`, { cause })
  }
  if (isSnapshot(json)) return json
  const version = (json as { typewire?: unknown } | null)?.typewire
  throw new TypeError(
    version === undefined
      ? `${where} is no snapshot of a contract: it says nothing of "typewire". Make one: typewire snapshot.`
      : `${where} is of version ${JSON.stringify(version)} of the format, and this is for version 1. Use the same version of typewire for both.`,
  )
}
