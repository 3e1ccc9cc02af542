/// <reference lib="esnext.disposable" preserve="true" />
// For @typewire's own packages. Unstable: it may change in any release.

export { PayloadError } from './codec/payload-error.ts'
export type { Side } from './codec/annotations.ts'
export { canonicalText, canonicalTextBy } from './codec/canonical.ts'
export { type Container, ContainerError, ContainerReader, encodeContainer } from './codec/container.ts'
export {
  bytesOf,
  type Content,
  type EncodedPayload,
  frameOf,
  lengthOf,
  type Part,
  receivedLength,
  ReceivedParts,
  type Sized,
  UnreadPayload,
} from './codec/parts.ts'
export { decodePayload, decodeWithoutBytes, encodePayload, encodeWithoutBytes } from './codec/payload.ts'
export { maxPayloadNesting } from './codec/nesting.ts'
export { isPlainObject } from './codec/plain-json.ts'
export { isPlainSchema } from './codec/plain-schema.ts'
export { refusalOf } from './codec/refusal.ts'
export { MemberList } from './contract/member-list.ts'
export { nobodyPresent } from './contract/presence.ts'
export { isName, isQualifiedName } from './contract/names.ts'
export { isUpload, type UploadSchema } from './contract/upload.ts'
export { nothing } from './contract/nothing.ts'
export { describeIssues, validate, type Validated } from './contract/validate.ts'
export { isErrorCode } from './errors/codes.ts'
export { closeName, keepsSession, mayReconnect, webSocketCodes } from './protocol/close-codes.ts'
export * from './protocol/frames.ts'
export * from './protocol/handshake.ts'
export { parseBinaryMessage } from './protocol/binary-message.ts'
export { isPosition } from './util/position.ts'
export { isCount } from './util/types.ts'
export { isMessageLarger } from './protocol/message-size.ts'
export { maxNesting, parseBatch, type UnknownFrame } from './protocol/parse.ts'
export { malformed, ProtocolError } from './protocol/protocol-error.ts'
export { aborted, ask, type AskLimits, type Decode, payloadOf, timedOut, unsettled } from './session/ask.ts'
export { callLength, type Credit, creditEveryMs, Inlet, type InletOptions, targetLength } from './session/inlet.ts'
export {
  isItemSource,
  isReadableStream,
  iteratorOf,
  type ItemSource,
  maxUnreadItems,
  Outlet,
  pump,
} from './session/outlet.ts'
export { type AnswerSink, Replies, Reply } from './session/replies.ts'
export { maxPendingRequests, minMaxCalls, type Request, type RequestOutcome, Requests } from './session/requests.ts'
export {
  type LeftOut,
  maxBufferFrames,
  type OutgoingFrame,
  type Positions,
  Session,
  type SessionEvents,
  type SessionOptions,
  type Timely,
} from './session/session.ts'
export { type Deadline, Deadlines } from './util/deadlines.ts'
export { Listeners } from './util/listeners.ts'
export { StoreSource } from './util/store.ts'
export { isPromiseLike } from './util/types.ts'
export { unsubscribe } from './util/unsubscribe.ts'
