import type { TransportName } from '@typewire/client'

let transport: TransportName = 'websocket'

/** Over what those clients of tests go that do not say so. */
export const transportOfTests = (): TransportName => transport

/** To be called before tests are imported, which then run over this one. */
export function runOver(name: TransportName): void {
  transport = name
}
