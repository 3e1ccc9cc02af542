// Made by: typewire generate typescript examples/chat/src/contract.ts
// From the contract chat, of the fingerprint yAOxIM9vSF4Gl0i2t1SaQg.
// Do not edit: change the contract, and make it anew.
// @ts-nocheck: its types are in the declarations beside it.

import { createClient } from '@typewire/client'

export const fingerprint = 'yAOxIM9vSF4Gl0i2t1SaQg'

export function createChatClient(options) {
  return createClient({ fingerprint, ...options })
}
