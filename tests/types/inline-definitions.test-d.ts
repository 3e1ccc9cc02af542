// Definitions that are written where they are used have the sections that they declare, and no others.

import { defineContract, event, room } from '@typewire/core'
import type { Client } from '@typewire/client'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'

export const contract = defineContract({
  rooms: { market: room({ params: z.string(), events: { toClient: { price: event(z.number()) } } }) },
  namespaces: { admin: defineContract({ procedures: {} }) },
})

declare const client: Client<typeof contract>

test('a room inside of a contract has no events that it does not declare', () => {
  const market = client.join.market('x')
  expectTypeOf<keyof typeof market.emit>().toEqualTypeOf<never>()
  expectTypeOf<keyof typeof market.on>().toEqualTypeOf<'price'>()
  // @ts-expect-error: it declares no events to the server
  void market.emit.anything
})

test('nor has a contract inside of a contract sections that it does not declare', () => {
  expectTypeOf<keyof typeof client.ns.admin.emit>().toEqualTypeOf<never>()
  expectTypeOf<keyof typeof client.ns.admin.stream>().toEqualTypeOf<never>()
  // @ts-expect-error: it declares no rooms
  void client.ns.admin.join.anything
})
