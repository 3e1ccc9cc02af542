import type { AnyContract } from '@typewire/core'
import { composeClient } from './compose-client.ts'
import { http } from './parts/http.ts'
import { namespaces } from './parts/namespaces.ts'
import type { ClientParts } from './parts/parts.ts'
import { richTypes } from './parts/rich-types.ts'
import { rooms } from './parts/rooms.ts'
import { streams } from './parts/streams.ts'
import { validation } from './parts/validation.ts'
import type { Client, ClientOptionsOf, createClient_needs_a_type_argument } from './types.ts'

/** What `@typewire/client` gives every client. */
export const allParts: ClientParts = { ...richTypes, ...http, ...rooms, ...namespaces, ...streams, ...validation }

/**
 * Creates a client of a contract, whose type is all that it needs: `createClient<Chat>({ url })`.
 * @throws TypeError for a URL that is none; RangeError for a number out of its range.
 */
export function createClient<C extends AnyContract = createClient_needs_a_type_argument>(
  options: ClientOptionsOf<C>,
): Client<C> {
  return composeClient(options, allParts)
}
