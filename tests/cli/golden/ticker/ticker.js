// Made by: typewire generate typescript examples/ticker/src/contract.ts
// From the contract ticker, of the fingerprint cL7wU0z4k6JYpB-LXnwKRg.
// Do not edit: change the contract, and make it anew.
// @ts-nocheck: its types are in the declarations beside it.

import { createClient } from '@typewire/client'

export const fingerprint = 'cL7wU0z4k6JYpB-LXnwKRg'

export function createTickerClient(options) {
  return createClient({ fingerprint, ...options })
}
