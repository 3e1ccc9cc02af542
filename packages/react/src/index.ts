export type {
  CallAttempt,
  ConnectionSnapshot,
  JoinOf,
  RoomHandlers,
  RoomReducers,
  RoomSnapshot,
  RoomViewStatus,
  ViewedRoom,
} from '@typewire/client/views'
export { skip, type Skip } from '@typewire/client/views'
export { type CallState, useCall } from './use-call.ts'
export { useConnection } from './use-connection.ts'
export { useEvent } from './use-event.ts'
export { type EventsOptions, useEvents } from './use-events.ts'
export { usePresence } from './use-presence.ts'
export { useRoom, type UseRoomOptions } from './use-room.ts'
export { useStore } from './use-store.ts'
export { type StreamState, useStream } from './use-stream.ts'
export { type Subscription, type SubscriptionOptions, useSubscription } from './use-subscription.ts'
