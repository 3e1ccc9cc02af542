// The one table of frames: their numbers and their elements. The parser runs on it, and PROTOCOL.md
// shows it (a test compares the two). A frame is a JSON array that begins with its kind; what follows the last element
// named here is ignored (FR-3).

import type { CloseOptions, Hello, Welcome } from './handshake.ts'

/** What an element of a frame must be. `payload` is any JSON and may be missing; it ends the frame, with its annotations. */
export type ElementType = 'count' | 'id' | 'text' | 'options' | 'object' | 'payload' | 'count or null'

export interface FrameEntry {
  readonly kind: number
  readonly elements: Readonly<Record<string, ElementType>>
}

/** Kinds from here on are counted: they have a number in their session and direction, and are sent again on resume. */
export const firstCountedKind = 16

export const frames = {
  hello: { kind: 0, elements: { hello: 'object' } },
  welcome: { kind: 1, elements: { welcome: 'object' } },
  gone: { kind: 2, elements: { received: 'count or null' } },
  close: { kind: 3, elements: { code: 'count', reason: 'text', options: 'options' } },
  ping: { kind: 4, elements: { sent: 'count', received: 'count' } },
  pong: { kind: 5, elements: { sent: 'count', received: 'count' } },
  ack: { kind: 6, elements: { received: 'count' } },
  volatileEvent: {
    kind: 8,
    elements: { room: 'count', name: 'text', options: 'options', payload: 'payload' },
  },
  drain: { kind: 9, elements: { withinMs: 'count' } },
  noop: { kind: 16, elements: {} },
  call: { kind: 17, elements: { id: 'id', name: 'text', options: 'options', payload: 'payload' } },
  result: { kind: 18, elements: { id: 'count', payload: 'payload' } },
  error: {
    kind: 19,
    elements: { id: 'count', code: 'text', message: 'text', options: 'options', payload: 'payload' },
  },
  item: {
    kind: 20,
    elements: { id: 'id', options: 'options', payload: 'payload' },
  },
  end: { kind: 21, elements: { id: 'id' } },
  credit: {
    kind: 22,
    elements: { id: 'id', upTo: 'count', read: 'count', length: 'count' },
  },
  cancel: { kind: 23, elements: { id: 'count' } },
  event: { kind: 24, elements: { id: 'count', name: 'text', options: 'options', payload: 'payload' } },
  roomEvent: {
    kind: 25,
    elements: { id: 'count', room: 'count', name: 'text', options: 'options', payload: 'payload' },
  },
  position: {
    kind: 26,
    elements: { room: 'count', epoch: 'text', offset: 'count', options: 'options' },
  },
  presence: { kind: 27, elements: { room: 'count', payload: 'payload' } },
  left: { kind: 28, elements: { room: 'count', reason: 'text' } },
  joined: { kind: 29, elements: { room: 'count', kind: 'text', payload: 'payload' } },
  closed: { kind: 30, elements: { namespace: 'text', reason: 'text', options: 'options' } },
} as const satisfies Record<string, FrameEntry>

export type FrameName = keyof typeof frames

/** Who sends each frame: for PROTOCOL.md. Apart from the table, so that it lies in no bundle. */
export const frameSenders: Readonly<Record<FrameName, 'client' | 'server' | 'both'>> = {
  hello: 'client',
  welcome: 'server',
  gone: 'server',
  close: 'both',
  ping: 'both',
  pong: 'both',
  ack: 'both',
  volatileEvent: 'both',
  drain: 'server',
  noop: 'both',
  call: 'client',
  result: 'both',
  error: 'both',
  item: 'both',
  end: 'client',
  credit: 'both',
  cancel: 'both',
  event: 'both',
  roomEvent: 'both',
  position: 'server',
  presence: 'server',
  left: 'server',
  joined: 'server',
  closed: 'server',
}

/** What each frame means: for PROTOCOL.md, too. */
export const frameMeanings: Readonly<Record<FrameName, string>> = {
  hello: 'Opens a connection',
  welcome: 'Answers hello: the session is attached',
  gone: 'Answers a hello that asked for a session which cannot be resumed; another hello may follow',
  close: 'The last frame of a connection: why it ends, and what to do next',
  ping: 'Asks for a pong',
  pong: 'Answers a ping',
  ack: 'Acknowledges the counted frames up to this number',
  volatileEvent: 'An event that may be dropped: of a room, or with the number 0 of none',
  drain: 'The server is about to close: finish within this time, begin nothing new',
  noop: 'Takes the number of a frame that was withdrawn',
  call: 'Calls a procedure',
  result: 'Answers a call, or acknowledges an event',
  error: 'Answers a call, or an event that asked for an ack, with an error',
  item: 'One of the many that a stream answers with, or that an upload is made of',
  end: 'The last item of an upload has been sent',
  credit:
    'Allows the items of a call up to this one, counted from 1; so many were read, and the rest may be so long together',
  cancel: 'Withdraws a call or an ack that was asked for: its answer is not waited for any more',
  event: 'An event; an id other than 0 asks for an ack',
  roomEvent: 'An event of a room; an id other than 0 asks for an ack',
  position: 'Where a room with a history stands, for a member that does not get the event of this offset',
  presence: 'Who is in a room, or what has changed of it',
  left: 'The session is not a member of the room any more',
  joined: 'Server code has made the session a member of the room',
  closed: 'The namespace is not open in this session any more, nor is any in it',
}

/** An options element: 0 where there are none. */
type Options<T> = T | 0

export interface RequestFrameOptions {
  /** How long the caller waits for the answer, in milliseconds. */
  readonly timeoutMs?: number
  /** What the sender does it for (TC-1). */
  readonly trace?: TraceContext
}

/** Of what a call or an event is a part, as W3C Trace Context writes it: https://www.w3.org/TR/trace-context/ */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string
}

export interface CallFrameOptions extends RequestFrameOptions {
  /** It was sent before, under this id, in a session that was lost, and may have been seen (CA-10). */
  readonly again?: number
  /** Calls a stream: how many items the caller takes at first, of `callLength` together. */
  readonly credit?: number
  /** The input, or its `items`, follows item by item. */
  readonly upload?: boolean
  /** Of a stream that was called before, in a session that is lost: the key of the last item that was had, or null. */
  readonly after?: string | null
}

export interface ItemFrameOptions {
  /** Names the item: a stream that is called again in another session goes on behind it. */
  readonly key?: string
}

export interface EventFrameOptions extends RequestFrameOptions {
  /** The ack that is asked for carries no data: whatever the handler returns stays where it is. */
  readonly receipt?: boolean
  /** Of a room with a history: where the event stands in it. */
  readonly offset?: number
}

export interface PositionFrameOptions {
  /** Events up to this position are missed for good. */
  readonly missed?: boolean
}

export interface ClosedFrameOptions {
  /** How many counted frames of the client the server had received. */
  readonly received?: number
  /** Other credentials may open it again. */
  readonly reopen?: boolean
}

export interface ErrorFrameOptions {
  readonly incident?: string
  readonly issues?: readonly unknown[]
}

type Payload = readonly [payload?: unknown, annotations?: unknown]

export type HelloFrame = readonly [kind: 0, hello: Hello]
export type WelcomeFrame = readonly [kind: 1, welcome: Welcome]
export type GoneFrame = readonly [kind: 2, received: number | null]
export type CloseFrame = readonly [kind: 3, code: number, reason: string, options: Options<CloseOptions>]
export type PingFrame = readonly [kind: 4, sent: number, received: number]
export type PongFrame = readonly [kind: 5, sent: number, received: number]
export type AckFrame = readonly [kind: 6, received: number]
export type VolatileEventFrame = readonly [
  kind: 8,
  room: number,
  name: string,
  options: Options<EventFrameOptions>,
  ...Payload,
]
export type DrainFrame = readonly [kind: 9, withinMs: number]
export type NoopFrame = readonly [kind: 16]
export type CallFrame = readonly [kind: 17, id: number, name: string, options: Options<CallFrameOptions>, ...Payload]
export type ResultFrame = readonly [kind: 18, id: number, ...Payload]
export type ErrorFrame = readonly [
  kind: 19,
  id: number,
  code: string,
  message: string,
  options: Options<ErrorFrameOptions>,
  ...Payload,
]
export type ItemFrame = readonly [kind: 20, id: number, options: Options<ItemFrameOptions>, ...Payload]
export type EndFrame = readonly [kind: 21, id: number]
export type CreditFrame = readonly [kind: 22, id: number, upTo: number, read: number, length: number]
export type CancelFrame = readonly [kind: 23, id: number]
export type EventFrame = readonly [kind: 24, id: number, name: string, options: Options<EventFrameOptions>, ...Payload]
export type RoomEventFrame = readonly [
  kind: 25,
  id: number,
  room: number,
  name: string,
  options: Options<EventFrameOptions>,
  ...Payload,
]
export type PositionFrame = readonly [
  kind: 26,
  room: number,
  epoch: string,
  offset: number,
  options: Options<PositionFrameOptions>,
]
export type PresenceFrame = readonly [kind: 27, room: number, ...Payload]
export type LeftFrame = readonly [kind: 28, room: number, reason: string]
export type JoinedFrame = readonly [kind: 29, room: number, name: string, ...Payload]
export type ClosedFrame = readonly [kind: 30, namespace: string, reason: string, options: Options<ClosedFrameOptions>]

/** Frames that open a connection. They never reach a session. */
export type HandshakeFrame = HelloFrame | WelcomeFrame | GoneFrame
/** Frames that are not counted, of an open connection. */
export type ControlFrame = CloseFrame | PingFrame | PongFrame | AckFrame | DrainFrame
/** Frames that are counted and carry something. */
export type CountedFrame =
  | CallFrame
  | ResultFrame
  | ErrorFrame
  | ItemFrame
  | EndFrame
  | CreditFrame
  | CancelFrame
  | EventFrame
  | RoomEventFrame
  | PositionFrame
  | PresenceFrame
  | LeftFrame
  | JoinedFrame
  | ClosedFrame
/** Any frame that this version knows. */
export type Frame = HandshakeFrame | ControlFrame | VolatileEventFrame | NoopFrame | CountedFrame
