import { ClientNamespaces } from '../namespaces/client-namespaces.ts'
import type { ClientParts } from './parts.ts'

/** `client.ns`. */
export const namespaces: Pick<ClientParts, 'namespaces'> = { namespaces: (options) => new ClientNamespaces(options) }
