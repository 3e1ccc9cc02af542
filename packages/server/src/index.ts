/// <reference lib="esnext.disposable" preserve="true" />
export type { ServerOptions } from './options.ts'
export { createServer } from './server.ts'
export type { HttpServer, UpgradeListener } from './transports/http-server.ts'
export type {
  AllHandlers,
  AuthenticateArgs,
  AuthorizeArgs,
  CallArgs,
  CloseServerOptions,
  ErrorInfo,
  EventArgs,
  EventHandlers,
  Handlers,
  HandlersOf,
  Here,
  Identified,
  Listening,
  ListenOptions,
  OnError,
  ProcedureHandlers,
  Reach,
  RoomEventArgs,
  RoomHandlers,
  RoomLike,
  RoomsHandlers,
  Server,
  ServerSession,
  SessionHandler,
  StreamArgs,
  StreamHandlers,
} from './types.ts'
