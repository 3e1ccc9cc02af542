/// <reference lib="esnext.disposable" preserve="true" />
export { isErrorOf, isTypewireError, TypewireError } from '@typewire/core'
export type {
  ErrorOf,
  Position,
  Presence,
  PresenceEntry,
  PresenceMember,
  RoomHandle,
  RoomJoined,
  RoomStatus,
  Unsubscribe,
} from '@typewire/core'
export { createClient } from './client.ts'
export type { TransportName } from './transports/open-transport.ts'
export type {
  AckVerbs,
  AuthOption,
  CallVerbs,
  Client,
  ClientNamespace,
  ClientOptions,
  ClientOptionsOf,
  ClientSpan,
  ClientStatus,
  ClientTracer,
  createClient_needs_a_type_argument,
  EmitVerbs,
  JoinVerbs,
  NamespaceOptions,
  NamespacesOptions,
  NamespaceStatus,
  OnClientError,
  OnVerbs,
  ReconnectOptions,
  StreamVerbs,
  TracedKind,
  TryVerbs,
  Verbs,
} from './types.ts'
