import { ClientNamespaces } from '../namespaces/client-namespaces.ts'
import type { ClientPart } from './parts.ts'

/** `client.ns`. */
export const namespaces = { namespaces: (options) => new ClientNamespaces(options) } as const satisfies ClientPart
