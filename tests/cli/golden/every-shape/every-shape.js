// Made by: typewire generate typescript tests/cli/fixtures/every-shape.ts
// From the contract everyShape, of the fingerprint t0ngAMWVdheku_5qpwU6Ww.
// Do not edit: change the contract, and make it anew.
// @ts-nocheck: its types are in the declarations beside it.

import { createClient } from '@typewire/client'

export const fingerprint = 't0ngAMWVdheku_5qpwU6Ww'

export function createEveryShapeClient(options) {
  return createClient({ fingerprint, ...options })
}
