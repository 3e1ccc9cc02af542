import type { AnyContract } from '@typewire/core'
import type { Codec } from '../codec.ts'
import type { Transports } from '../connection/transport-choice.ts'
import type { LocalValidation } from '../local-validation.ts'
import type { ClientNamespaces, ClientNamespacesOptions } from '../namespaces/client-namespaces.ts'
import type { ClientRooms, ClientRoomsOptions } from '../rooms/client-rooms.ts'
import type { OpenStreamOptions } from '../streams.ts'
import type { TransportName } from '../transports/open-transport.ts'
import type { uploadOf } from '../uploads.ts'

/**
 * What a client is made of beside calls and events. Each part is a value of its own, so that a bundle holds those alone that
 * a page uses; what stands in the place of one that is absent is in `absent.ts`, and nothing else knows of it.
 */
export interface ClientParts {
  readonly codec: Codec
  /** Transports beside WebSocket, the best first. `names`: what the application has asked for. */
  readonly http: (names: readonly TransportName[] | undefined) => Transports
  readonly rooms: (options: ClientRoomsOptions) => Rooms
  readonly namespaces: (options: ClientNamespacesOptions) => Namespaces
  readonly streams: Streams
  readonly validation: (contract: AnyContract | undefined) => Validation
}

/** A part of a client, for `use`. What is in it may change in any release. */
export type ClientPart = Partial<ClientParts>

type PublicOf<T> = { readonly [Name in keyof T]: T[Name] }

export type Rooms = Omit<PublicOf<ClientRooms>, 'size'>
export type Namespaces = PublicOf<ClientNamespaces>
export type Validation = PublicOf<LocalValidation>

export interface Streams {
  readonly open: (options: OpenStreamOptions) => AsyncIterable<unknown>
  /** What goes item by item of an input, if anything does. */
  readonly uploadOf: typeof uploadOf
}
