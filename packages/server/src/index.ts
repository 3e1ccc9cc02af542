/// <reference lib="esnext.disposable" preserve="true" />
export { createMemoryBroker, type MemoryBrokerOptions } from './broker/memory-broker.ts'
export type { ServerOptions } from './options.ts'
export { createServer } from './server.ts'
export type { HttpServer, UpgradeListener } from './transports/http-server.ts'
export type {
  AckVerbs,
  AllHandlers,
  AuthenticateArgs,
  AuthorizeArgs,
  CallArgs,
  CloseServerOptions,
  EmitVerbs,
  ErrorInfo,
  EventArgs,
  EventHandlers,
  Handlers,
  HandlersOf,
  HandlerTypes,
  Here,
  Identified,
  Listening,
  ListenOptions,
  OnError,
  ProcedureHandlers,
  Reach,
  RoomEventArgs,
  RoomEventHandlers,
  RoomHandlers,
  RoomHistoryRule,
  RoomLike,
  RoomRefs,
  RoomsHandlers,
  Server,
  ServerSession,
  SessionHandler,
  StreamArgs,
  StreamHandlers,
} from './types.ts'
