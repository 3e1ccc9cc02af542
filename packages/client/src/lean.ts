/// <reference lib="esnext.disposable" preserve="true" />
// The client in parts, for pages that count kilobytes (docs/client-size.md). '@typewire/client' is the same with all of them.
import type { AnyContract } from '@typewire/core'
import { composeClient } from './compose-client.ts'
import { absentParts } from './parts/absent.ts'
import type { ClientPart, ClientParts } from './parts/parts.ts'
import type { Client, ClientOptionsOf, createClient_needs_a_type_argument } from './types.ts'

export { isErrorOf, isTypewireError, TypewireError } from '@typewire/core'
export { http } from './parts/http.ts'
export { namespaces } from './parts/namespaces.ts'
export type { ClientPart } from './parts/parts.ts'
export { richTypes } from './parts/rich-types.ts'
export { rooms } from './parts/rooms.ts'
export { streams } from './parts/streams.ts'
export { validation } from './parts/validation.ts'
export type { Client, ClientOptions, ClientStatus } from './types.ts'

export type LeanClientOptions<C extends AnyContract> = ClientOptionsOf<C> & {
  /**
   * The parts beside calls and events over WebSocket, with plain JSON: `http`, `namespaces`, `richTypes`, `rooms`, `streams`,
   * `validation`. What is `false`, `null` or `undefined` counts as not given: `use: [rooms, isDev && validation]`. Default: none.
   * What needs one that is not here throws a TypeError that names it.
   */
  readonly use?: readonly (ClientPart | false | null | undefined)[] | undefined
}

/**
 * Creates a client of a contract, of the parts that it is given: `createClient<Chat>({ url, use: [rooms, http] })`.
 * @throws TypeError for a URL that is none, and for options that need a part which is not there, and for parts that are none; RangeError for a number out
 * of its range.
 */
export function createClient<C extends AnyContract = createClient_needs_a_type_argument>(
  options: LeanClientOptions<C>,
): Client<C> {
  const { use = [] } = options
  const given = Array.isArray(use) && (use as readonly unknown[]).filter(Boolean)
  if (!given || !given.every(isPart))
    throw new TypeError(
      "createClient({ use }): give a list of parts imported from '@typewire/client/lean', as in use: [rooms, http].",
    )
  return composeClient(options, Object.assign({}, absentParts, ...given) as ClientParts)
}

/** Parts hold what `ClientParts` says, and nothing else: names, lists of parts, a whole module and `{ rooms }` do not. */
function isPart(part: unknown): part is ClientPart {
  const entries = Object.entries(Object(part) as object) as [keyof ClientParts, unknown][]
  return entries.length > 0 && entries.every(([key, value]) => typeof value === typeof absentParts[key])
}
