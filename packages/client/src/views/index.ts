// What a binding to a framework needs: views of a client, as stores. @typewire/react is made of them.

export { type CallAttempt, type CallSnapshot, CallView } from './call-view.ts'
export type {
  JoinOf,
  RoomHandlers,
  RoomReactions,
  RoomReducers,
  RoomSnapshot,
  RoomViewOptions,
  RoomViewStatus,
  ViewedRoom,
} from './room-types.ts'
export { type Connected, type ConnectionSnapshot, connectionViewOf } from './connection-view.ts'
export { EventsView } from './events-view.ts'
export { reportToPlatform } from '../platform.ts'
export { RoomView, skip, type Skip } from './room-view.ts'
export { type StreamSnapshot, StreamView, type StreamViewOptions } from './stream-view.ts'
export { type View } from './view.ts'
export { viewKey } from './view-key.ts'
