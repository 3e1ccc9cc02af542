import type { Delivery } from '../contract/definitions.ts'

// What a contract says, as data: what `typewire.json` holds. Of a payload that goes to the server it says what clients may
// give, of one that goes to clients what they get.

/** A schema of JSON Schema 2020-12. What JSON cannot say is its wire form, with its type in `x-typewire-type`. */
export type JsonSchema = boolean | JsonSchemaObject

/** `unknown`, as what others have written may hold anything; what reads it looks first. */
export type JsonSchemaObject = { readonly [keyword: string]: unknown }

/**
 * Keywords beside those of JSON Schema. `type` is the name that PL-3 gives a value which JSON cannot say; the schema beside it
 * is of what is written for it. `optional`, of a whole payload: there may be none. `exact`: the properties that may be missing, and may not be
 * `undefined`. The bounds are of a `Date`, as an ISO
 * string, or of a `bigint`, as its digits.
 */
export const keywords = {
  type: 'x-typewire-type',
  optional: 'x-typewire-optional',
  exact: 'x-typewire-exact',
  minimum: 'x-typewire-minimum',
  maximum: 'x-typewire-maximum',
  exclusiveMinimum: 'x-typewire-exclusive-minimum',
  exclusiveMaximum: 'x-typewire-exclusive-maximum',
} as const

/** What may be said of anything for people to read. It is no part of a fingerprint. */
export interface Described {
  readonly description?: string
  /** `true`, or what to use in its place. */
  readonly deprecated?: boolean | string
}

/** A payload that is missing in a snapshot is one that nobody declared: nothing travels. */
export interface ProcedureSnapshot extends Described {
  readonly input?: JsonSchema
  readonly upload?: UploadSnapshot
  readonly output?: JsonSchema
  readonly errors?: ErrorSnapshots
  readonly idempotent?: true
  readonly timeoutMs?: number
}

export interface StreamSnapshot extends Described {
  readonly input?: JsonSchema
  readonly upload?: UploadSnapshot
  readonly items: JsonSchema
  readonly errors?: ErrorSnapshots
  /** Items have keys: the stream goes on where it was when a session is lost. */
  readonly keyed?: true
  readonly timeoutMs?: number
}

/** An input that follows item by item, and what comes before them. */
export interface UploadSnapshot {
  readonly items: JsonSchema
  readonly head?: JsonSchema
}

/** By code; what an error carries. `null`: nothing. */
export type ErrorSnapshots = Readonly<Record<string, JsonSchema | null>>

export interface EventSnapshot extends Described {
  readonly payload?: JsonSchema
  readonly ack?: JsonSchema
  /** `reliable` is left out. */
  readonly delivery?: Exclude<Delivery, 'reliable'>
  /** Of `latest`: it is by a key of the payload, and not one for all. */
  readonly keyed?: true
}

export interface EventsSnapshot {
  readonly toServer?: Readonly<Record<string, EventSnapshot>>
  readonly toClient?: Readonly<Record<string, EventSnapshot>>
}

export interface RoomSnapshot extends Described {
  readonly params?: JsonSchema
  readonly events?: EventsSnapshot
  /** What members say of themselves, and what they see of others. */
  readonly presence?: { readonly given: JsonSchema; readonly seen: JsonSchema }
}

/** A contract, of the root or of a namespace. Sections without members are left out. */
export interface NamespaceSnapshot {
  readonly auth?: JsonSchema
  readonly procedures?: Readonly<Record<string, ProcedureSnapshot>>
  readonly streams?: Readonly<Record<string, StreamSnapshot>>
  readonly events?: EventsSnapshot
  readonly rooms?: Readonly<Record<string, RoomSnapshot>>
  readonly namespaces?: Readonly<Record<string, NamespaceSnapshot>>
}

/** A whole contract. References of its schemas lead to its `$defs`. */
export interface ContractSnapshot extends NamespaceSnapshot {
  /** The version of this format. */
  readonly typewire: 1
  /** By which the contract was exported, if it was described with one. */
  readonly name?: string
  /** Of all that is neither name nor description: equal for contracts that say the same. */
  readonly fingerprint: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
}
