// Made by: typewire generate typescript examples/chat/src/contract.ts
// From the contract chat, of the fingerprint 9cM5tr3O0dgmbGYcNFDAGw.
// Do not edit: change the contract, and make it anew.
// @ts-nocheck: its types are in the declarations beside it.

import { createClient } from '@typewire/client'

export const fingerprint = '9cM5tr3O0dgmbGYcNFDAGw'

export function createChatClient(options) {
  return createClient({ fingerprint, ...options })
}
