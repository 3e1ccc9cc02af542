// Made by: typewire generate typescript tests/cli/fixtures/large-contract.ts
// From the contract large, of the fingerprint JDXhI7sOWg7a-_kFveVpmw.
// Do not edit: change the contract, and make it anew.
// @ts-nocheck: its types are in the declarations beside it.

import { createClient } from '@typewire/client'

export const fingerprint = 'JDXhI7sOWg7a-_kFveVpmw'

export function createLargeClient(options) {
  return createClient({ fingerprint, ...options })
}
