/// <reference lib="esnext.disposable" preserve="true" />
// What contracts and both of their sides use. Siblings' needs go through './internal.ts'.

export type {
  Broker,
  BrokerEvents,
  BrokerLink,
  HistoryBounds,
  HistoryEntry,
  HistoryPage,
  HistoryQuery,
  PresenceChange,
  PresenceRecord,
  PresenceSnapshot,
  Publication,
  PublishOptions,
} from './broker.ts'
export type { Clock, CancelTimer } from './util/clock.ts'
export {
  type AnyContract,
  type Contract,
  type ContractTypes,
  defineContract,
  type Named,
  type Namespaces,
} from './contract/contract.ts'
export type {
  AnyEvent,
  AnyProcedure,
  AnyRoom,
  AnyStream,
  Delivery,
  Event,
  EventMap,
  Events,
  MemberAck,
  Procedure,
  Procedures,
  Room,
  Rooms,
  StreamProcedure,
  Streams,
  Told,
} from './contract/definitions.ts'
export { isErrorOf } from './contract/is-error-of.ts'
export {
  type DeliveryOptions,
  event,
  type EventOptions,
  type EventsDefinition,
  type ItemsToUpload,
  procedure,
  type ProcedureOptions,
  type RepetitionOptions,
  room,
  stream,
  type StreamOptions,
  upload,
} from './contract/makers.ts'
export type { Presence, PresenceEntry, PresenceMember } from './contract/presence.ts'
export type {
  Audience,
  Join,
  JoinOptions,
  JoinOptionsOf,
  JoinWithPresence,
  KindOnVerbs,
  MemberAckVerbs,
  MemberChoice,
  MemberEmitVerbs,
  OnInstance,
  RoomAckVerbs,
  RoomEmitVerbs,
  MissedEvents,
  RoomHandle,
  RoomHistory,
  RoomHistoryEvent,
  RoomHistoryOptions,
  RoomInstance,
  RoomJoined,
  RoomKind,
  RoomMember,
  RoomMembers,
  RoomOnVerbs,
  RoomRef,
  RoomStatus,
  RoomVerbs,
  VolatileAudience,
  VolatileEmitVerbs,
  VolatileRoomRef,
} from './contract/room-types.ts'
export type { Given, Got, Nothing, Schema } from './contract/schema.ts'
export type {
  Answer,
  Call,
  CallNoInput,
  CallOptions,
  Emit,
  EmitNoPayload,
  EmitOptions,
  EmitToRoom,
  EmitToRoomNoPayload,
  EmitWithAck,
  EmitWithAckNoPayload,
  ErrorOf,
  ErrorsOf,
  Fails,
  Items,
  On,
  OnOptions,
  RoomEmitOptions,
  UnkeptEmitOptions,
  Send,
  SendNoPayload,
  Settled,
  Stream,
  StreamNoInput,
  Try,
  TryNoInput,
} from './contract/verbs.ts'
export { type CallErrorCode, type ErrorCode, type ErrorCodeEntry, errorCodes } from './errors/codes.ts'
export { type ErrorMakers, isTypewireError, TypewireError, type TypewireErrorDetails } from './errors/typewire-error.ts'
export { type CloseCodeEntry, closeCodes, closeMeanings, type CloseName } from './protocol/close-codes.ts'
export type { TraceContext } from './protocol/frames.ts'
export type { Transport, TransportEvents } from './transport.ts'
export type { Issue } from './util/issue.ts'
export type { Position } from './util/position.ts'
export type { Store } from './util/store.ts'
export type { MaybePromise } from './util/types.ts'
export type { Unsubscribe } from './util/unsubscribe.ts'
