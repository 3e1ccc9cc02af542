// Made by: typewire generate typescript tests/cli/fixtures/every-shape.ts
// From the contract everyShape, of the fingerprint t0ngAMWVdheku_5qpwU6Ww.
// Do not edit: change the contract, and make it anew.

import type {
  Client,
  ClientOptionsOf,
  Contract,
  Event,
  ItemsToUpload,
  Nothing,
  Procedure,
  Room as TypewireRoom,
  Schema,
  StreamProcedure,
  UnkeptEmitOptions,
} from '@typewire/client'

export type EveryShapeClientOptions = ClientOptionsOf<EveryShape>
export type EveryShapeClient = Client<EveryShape>

/** Of the contract that this was made from. The server compares it with that of its own. */
export declare const fingerprint: string

/**
 * Creates a client of the contract: `createEveryShapeClient({ url })`.
 * @throws TypeError for a URL that is none; RangeError for a number out of its range.
 */
export declare function createEveryShapeClient(options: EveryShapeClientOptions): EveryShapeClient

export interface EveryShape extends Contract<{
  auth: Schema<EveryShapeAuth, EveryShapeAuth>
  procedures: {
    defaulted: Procedure<DefaultedInput | undefined, number, {}>
    delete: Procedure<DeleteInput, DeleteOutput, {}>
    documented: Procedure<DocumentedInput, void, {}>
    failing: Procedure<FailingInput, void, FailingErrors>
    intersection: Procedure<Named_ & Sized, Person & Sized, {}>
    json: Procedure<JsonInputNode, JsonOutputNode, {}>
    literals: Procedure<'a' | 1 | true | null, Color, {}>
    load: Procedure<ItemsToUpload<LoadUpload>, number, {}>
    loadInto: Procedure<LoadIntoHead & { readonly items: ItemsToUpload<Uint8Array<ArrayBuffer>> }, LoadIntoOutput, {}>
    map: Procedure<void, MapOutput, {}>
    /**
     * Takes a message and gives it back.
     * Of two lines, with `code` and an end of a comment: *\/
     */
    message: Procedure<Message, Message, {}>
    names: Procedure<NamesInput, void, {}>
    nothing: Procedure<void, void, {}>
    nullable: Procedure<string | null, Person | null, {}>
    /** @deprecated call.message */
    old: Procedure<string, string, {}>
    /** @deprecated */
    older: Procedure<void, void, {}>
    optional: Procedure<OptionalInput | undefined, string | undefined, {}>
    readonly: Procedure<ReadonlyInput, ReadonlyOutput, {}>
    records: Procedure<Record<string, number>, RecordsOutput, {}>
    recursive: Procedure<Folder, Folder[], {}>
    rich: Procedure<RichInput, RichOutput, {}>
    seen: Procedure<SeenInput, void, {}>
    seenEvent: Procedure<SeenEventInput, MapType, {}>
    settings: Procedure<SettingsInput, Settings, {}>
    shape: Procedure<ShapeInput, Shape[], {}>
    tuples: Procedure<[string, number], TuplesOutput, {}>
    type: Procedure<void, TypeOutput, {}>
    unions: Procedure<string | number | boolean | number[] | null, UnionsOutput, {}>
    unknown: Procedure<unknown, unknown, {}>
  }
  streams: {
    echo: StreamProcedure<ItemsToUpload<Message>, Message, {}>
    maybe: StreamProcedure<string | undefined, Message, {}>
    /** All rows of a table. */
    rows: StreamProcedure<RowsInput, RowsItem, RowsErrors>
    ticks: StreamProcedure<void, Date, {}>
  }
  events: {
    toServer: {
      bare: Event<void, void>
      maybe: Event<string | undefined, string | undefined>
      save: Event<Message, Message, SaveAck, SaveAck>
      /** Somebody has seen something. */
      seen: Event<SeenEventInput2, SeenEventInput2>
    }
    toClient: {
      ask: Event<AskEvent, AskEvent, AskAck, AskAck>
      bare: Event<void, void>
      latest: Event<LatestEvent, LatestEvent, void, void, UnkeptEmitOptions>
      seen: Event<SeenEvent, SeenEvent>
      volatile: Event<number, number, void, void, UnkeptEmitOptions>
    }
  }
  rooms: {
    chat: TypewireRoom<
      ChatRoomParams,
      {
        typing: Event<ChatRoomTypingEventInput, ChatRoomTypingEventInput>
        vote: Event<ChatRoomVoteEventInput, ChatRoomVoteEventInput, boolean, boolean>
      },
      {
        /** Somebody said something. */
        message: Event<Message, Message>
        poll: Event<string, string, ChatRoomPollAck, ChatRoomPollAck>
        typing: Event<ChatRoomTypingEvent, ChatRoomTypingEvent, void, void, UnkeptEmitOptions>
      },
      ChatRoomParams,
      ChatRoomPresenceInput,
      ChatRoomPresence
    >
    /** @deprecated */
    document: TypewireRoom<
      DocumentRoomParams | undefined,
      {},
      {},
      DocumentRoomParams | undefined,
      DocumentRoomPresence | undefined
    >
    lobby: TypewireRoom<void, {}, { message: Event<Message, Message> }>
  }
  namespaces: {
    admin: EveryShapeAdmin
    open: EveryShapeOpen
  }
}> {}

export interface EveryShapeAdminAudit extends Contract<{
  auth: Schema<string | undefined, string | undefined>
  procedures: {}
  streams: {
    log: StreamProcedure<void, AdminAuditLogItem, {}>
  }
  events: {
    toServer: {}
    toClient: {}
  }
  rooms: {}
  namespaces: {}
}> {}

export interface EveryShapeAdmin extends Contract<{
  auth: Schema<AdminAuth, AdminAuth>
  procedures: {
    ban: Procedure<AdminBanInput, void, AdminBanErrors>
  }
  streams: {}
  events: {
    toServer: {}
    toClient: {
      report: Event<AdminReportEvent, AdminReportEvent>
    }
  }
  rooms: {
    watch: TypewireRoom<AdminWatchRoomParams, {}, { message: Event<Message, Message> }>
  }
  namespaces: {
    audit: EveryShapeAdminAudit
  }
}> {}

export interface EveryShapeOpen extends Contract<{
  auth: Nothing
  procedures: {
    ban: Procedure<string, void, {}>
  }
  streams: {}
  events: {
    toServer: {}
    toClient: {}
  }
  rooms: {}
  namespaces: {}
}> {}

export interface EveryShapeAuth {
  /** Ends a comment: *\/ — and goes on. */
  token: string
}

/** Default: `1`. */
export type DefaultedInput = number

export interface DeleteInput {
  new: boolean
}

export interface DeleteOutput {
  function: string
}

/** All that can be said of members. */
export interface DocumentedInput {
  /** From 0 to 10. */
  big: bigint
  /** Matches `^\d+\/[a-z]*$`. 6 characters. */
  code: string
  /** A whole number. From 1 to 100. Default: `10`. */
  count?: number | undefined
  /**
   * Where to write to.
   * Format: email.
   */
  email: string
  /**
   * Use code.
   * @deprecated
   */
  gone?: string | undefined
  /** 1 to 5 items. */
  ids: Set<string>
  /** 1 to 3 items. */
  list: string[]
  /** More than 0. Less than 1. */
  ratio: number
  /** From 2020-01-01T00:00:00.000Z to 2030-01-01T00:00:00.000Z. */
  since: Date
  /** A multiple of 5. */
  step: number
}

export interface FailingInput {
  path: string
}

export interface FailingErrors {
  EXISTS: Message
  GONE: undefined
  LOCKED: { by: Person; untilMs: number }
  /** In words. */
  WHY: string
}

export interface LoadUpload {
  row: string[]
}

export interface LoadIntoHead {
  at?: Date | undefined
  name: string
}

export interface LoadIntoOutput {
  bytes: number
}

export interface MapOutput {
  tiles: Map<string, MapType>
}

export interface NamesInput {
  '': string
  $dollar: string
  '1st': string
  '42': string
  _under: string
  'a\nb': string
  class: string
  default: string
  "it's": string
  'kebab-case'?: string | undefined
  'two words': string
  'ключ': string
}

export interface OptionalInput {
  text: string
}

export interface ReadonlyInput {
  list: readonly string[]
  pair: readonly [string, number]
}

export type ReadonlyOutput = Readonly<{ at: Date; id: string }>

export interface RecordsOutput {
  byKey: Record<'a' | 'b-c', Person>
  byNumber: Record<number, string>
  loose: { id: string; [key: string]: unknown }
  ofRecords: Record<string, Record<string, Person[]>>
  rest: { id: string; [key: string]: string }
  some: Partial<Record<'a' | 'b', number>>
  strict: { id: string }
}

export interface RichInput {
  /** More than 0. */
  bigint: bigint
  bigs: BigUint64Array<ArrayBuffer>
  blob: Blob
  buffer: ArrayBuffer
  bytes: Uint8Array<ArrayBuffer>
  /** At least 2020-01-01T00:00:00.000Z. */
  date: Date
  error: Error
  file: File
  floats: Float64Array<ArrayBuffer>
  map: Map<string, Date>
  maybe: string | undefined
  nested: Map<string, Set<bigint>>
  notANumber: number
  set: Set<Person>
  seven: 7n
  url: URL
}

export interface RichOutput {
  /** More than 0. */
  bigint: bigint
  bigs: BigUint64Array<ArrayBuffer>
  blob: Blob
  buffer: ArrayBuffer
  bytes: Uint8Array<ArrayBuffer>
  /** At least 2020-01-01T00:00:00.000Z. */
  date: Date
  error: Error
  file: File
  floats: Float64Array<ArrayBuffer>
  map: Map<string, Date>
  maybe: string | undefined
  nested: Map<string, Set<bigint>>
  notANumber: number
  pattern: RegExp
  set: Set<Person>
  seven: 7n
  url: URL
}

export interface SeenInput {
  messageId: string
}

export interface SeenEventInput {
  eventId: string
}

export interface TuplesOutput {
  exact: { at?: Date }
  none: []
  ofMaybe: Map<string, Set<number | undefined> | undefined>
  ofNullable: (string | null)[]
  ofOptional: (string | undefined)[]
  ofOptionals: Record<string, string | undefined>
  rest: [string, ...number[]]
  tail: [string, (number | undefined)?, (Date | undefined)?]
  union: (string | number)[]
}

export interface TypeOutput {
  interface: string
}

export type UnionsOutput = Person | Message | Room | Folder | { nobody: true } | 'not found'

export interface RowsInput {
  table: string
}

export interface RowsItem {
  cells: unknown[]
  key: string
}

export interface RowsErrors {
  GONE: { table: string }
}

export interface SaveAck {
  /** A whole number. */
  revision: number
}

export interface SeenEventInput2 {
  id: string
}

export interface AskEvent {
  question: string
}

export interface AskAck {
  answer: 'yes' | 'no'
}

export interface LatestEvent {
  price: number
  symbol: string
}

export interface SeenEvent {
  by: Person
  id: string
}

export interface ChatRoomParams {
  roomId: string
}

export interface ChatRoomTypingEventInput {
  isTyping: boolean
}

/** A whole number. */
export type ChatRoomVoteEventInput = number

export interface ChatRoomPollAck {
  /** A whole number. */
  choice: number
}

export interface ChatRoomTypingEvent {
  isTyping: boolean
  person: Person
}

export interface ChatRoomPresence {
  isAway: boolean
  /** Default: `""`. */
  name: string
}

export interface ChatRoomPresenceInput {
  isAway: boolean
  /** Default: `""`. */
  name?: string | undefined
}

export interface DocumentRoomParams {
  id: string
  /** A whole number. */
  version?: number | undefined
}

export interface DocumentRoomPresence {
  cursor: [number, number]
}

export interface AdminAuth {
  password: string
}

export interface AdminBanInput {
  personId: string
}

export interface AdminBanErrors {
  NOT_THERE: Record<string, never>
}

export interface AdminReportEvent {
  about: Person
}

export interface AdminWatchRoomParams {
  roomId: string
}

export interface AdminAuditLogItem {
  at: Date
  what: string
}

export type Color = 'red' | 'green' | 'blue' | "it's"

export interface Folder {
  folders: Folder[]
  name: string
  parent?: Folder | null | undefined
}

export type JsonInputNode = string | number | boolean | JsonInputNode[] | { [key: string]: JsonInputNode } | null

export type JsonOutputNode = string | number | boolean | JsonOutputNode[] | { [key: string]: JsonOutputNode } | null

export interface MapType {
  height: number
  width: number
}

export interface Message {
  author: Person
  editedAt: Date | null
  /**
   * Unique; never used again.
   * Format: uuid.
   */
  id: string
  sentAt: Date
  /** At most 10 items. Each: at most 20 characters. */
  tags?: string[] | undefined
  /** 1 to 2000 characters. */
  text: string
}

export interface Named_ {
  name: string
}

/** Somebody who takes part. */
export interface Person {
  id: string
  name: string
}

export interface Room {
  /** A whole number. From 1 to 500. */
  capacity: number
  id: string
}

export interface Settings {
  seenAt?: Date | undefined
  /** Default: `"light"`. */
  theme: 'dark' | 'light'
  /**
   * As a part of the whole.
   * From 0 to 1. Default: `0.5`.
   */
  volume: number
}

export interface SettingsInput {
  seenAt?: Date | undefined
  /** Default: `"light"`. */
  theme?: 'dark' | 'light' | undefined
  /**
   * As a part of the whole.
   * From 0 to 1. Default: `0.5`.
   */
  volume?: number | undefined
}

export type Shape =
  | {
      kind: 'circle'
      /** More than 0. */
      radius: number
    }
  | {
      kind: 'square'
      /** Default: `1`. */
      'line width': number
      side: number
    }

export type ShapeInput =
  | {
      kind: 'circle'
      /** More than 0. */
      radius: number
    }
  | {
      kind: 'square'
      /** Default: `1`. */
      'line width'?: number | undefined
      side: number
    }

export interface Sized {
  size: number
}
