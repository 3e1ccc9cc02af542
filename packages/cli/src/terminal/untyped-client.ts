import type { CallOptions, MissedEvents, OnOptions, Presence, RoomStatus, Store, Unsubscribe } from '@typewire/core'
import type { NamespaceStatus } from '@typewire/client'
import { isName } from '@typewire/core/internal'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

// A client as it is when no type says what its contract has: any name is a verb.

type On = (handler: (payload: unknown) => unknown, options?: OnOptions) => Unsubscribe
type Group<Verb> = Readonly<Record<string, Verb>>

export interface UntypedVerbs {
  readonly call: Group<(input?: unknown, options?: CallOptions) => Promise<unknown>>
  readonly stream: Group<(input?: unknown, options?: CallOptions) => AsyncIterable<unknown>>
  readonly emit: Group<(payload?: unknown) => void>
  readonly emitWithAck: Group<(payload?: unknown, options?: CallOptions) => Promise<unknown>>
  readonly on: Group<On>
  readonly join: Group<(params?: unknown, options?: UntypedJoinOptions) => UntypedHandle>
  readonly rooms: Group<UntypedRoomKind>
  readonly ns: Group<UntypedNamespace>
}

export interface UntypedNamespace extends UntypedVerbs {
  readonly status: Store<NamespaceStatus>
  readonly open: (options?: { readonly signal?: AbortSignal | undefined }) => Promise<void>
}

export interface UntypedJoinOptions extends CallOptions {
  readonly last?: number | undefined
  readonly presence?: unknown
}

export interface UntypedHandle {
  readonly status: Store<RoomStatus>
  readonly presence: Store<Presence<unknown>>
  readonly on: Group<On>
  readonly emit: Group<(payload?: unknown) => void>
  readonly onMissed: (handler: (missed: MissedEvents) => unknown) => Unsubscribe
}

export interface UntypedRoomKind {
  readonly on: Group<
    (handler: (payload: unknown, instance: { readonly params: unknown }) => unknown, options?: OnOptions) => Unsubscribe
  >
}

/** @throws CliError for what cannot be a name. */
export function verb<Verb>(group: Readonly<Record<string, Verb>>, name: string): Verb {
  if (isName(name)) return group[name]!
  throw new CliError(
    `${name} cannot be a name in a contract: a letter, then letters, digits and _. A namespace is named by --namespace.`,
    exitCodes.usage,
  )
}
