import { assertFingerprint, assertSnapshot } from './assert-snapshot.ts'
import { stableText } from './stable-text.ts'
import type { ContractSnapshot } from './types.ts'

/** The text of a snapshot, as `typewire.json` has it: sorted, so that what changed is what a diff shows. */
export function snapshotText(snapshot: ContractSnapshot): string {
  return `${stableText(snapshot, 2)}\n`
}

/**
 * Reads the text of a snapshot, in all its parts.
 * @param where what it was read from, for errors. @throws SyntaxError when it is not JSON; TypeError when it is no snapshot, with
 * the path of what is wrong, or when its fingerprint is that of another contract.
 */
export async function parseSnapshot(text: string, where: string): Promise<ContractSnapshot> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw new SyntaxError(`${where} is not JSON. Write it anew: typewire snapshot.`, { cause })
  }
  assertSnapshot(json, where)
  await assertFingerprint(json, where)
  return json
}
