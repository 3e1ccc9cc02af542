// Made by: typewire generate typescript examples/chat/src/contract.ts
// From the contract chat, of the fingerprint 9cM5tr3O0dgmbGYcNFDAGw.
// Do not edit: change the contract, and make it anew.

import type {
  Client,
  ClientOptionsOf,
  Contract,
  Event,
  Procedure,
  Room as TypewireRoom,
  Schema,
  UnkeptEmitOptions,
} from '@typewire/client'

export type ChatClientOptions = ClientOptionsOf<Chat>
export type ChatClient = Client<Chat>

/** Of the contract that this was made from. The server compares it with that of its own. */
export declare const fingerprint: string

/**
 * Creates a client of the contract: `createChatClient({ url })`.
 * @throws TypeError for a URL that is none; RangeError for a number out of its range.
 */
export declare function createChatClient(options: ChatClientOptions): ChatClient

export interface Chat extends Contract<{
  auth: Schema<ChatAuth, ChatAuth>
  procedures: {
    /** Gives the room of this name, made if there is none. */
    openRoom: Procedure<OpenRoomInput, Room, OpenRoomErrors>
    /**
     * Says something to everybody in a room. The sender has it like all others: as the event `message`. Twice with one id is once, so that it is safe to repeat.
     */
    send: Procedure<SendInput, void, SendErrors>
  }
  streams: {}
  events: {
    toServer: {}
    toClient: {
      /** All rooms, when there is another one. */
      rooms: Event<Room[], Room[]>
      /** First of all, at every new session: who one is, and what there is. */
      welcome: Event<WelcomeEvent, WelcomeEvent>
    }
  }
  rooms: {
    /** One of the rooms. Its last messages are kept, for who joins later. */
    chat: TypewireRoom<
      ChatRoomParams,
      { typing: Event<ChatRoomTypingEventInput, ChatRoomTypingEventInput> },
      {
        /** Somebody has said something. */
        message: Event<Message, Message>
        typing: Event<ChatRoomTypingEvent, ChatRoomTypingEvent, void, void, UnkeptEmitOptions>
      },
      ChatRoomParams,
      ChatRoomPresenceInput,
      ChatRoomPresence
    >
  }
  namespaces: {}
}> {}

export interface ChatAuth {
  /** 16 to 64 characters. */
  key: string
  /** 1 to 24 characters. */
  name: string
}

export interface OpenRoomInput {
  /** 1 to 32 characters. */
  name: string
}

export interface OpenRoomErrors {
  TOO_MANY_ROOMS: { max: number }
}

export interface SendInput {
  /** Matches `^[\w-]{16,64}$`. */
  id: string
  roomId: string
  /** 1 to 2000 characters. */
  text: string
}

export interface SendErrors {
  NO_SUCH_ROOM: Record<string, never>
  TOO_FAST: { retryAfterMs: number }
}

export interface WelcomeEvent {
  rooms: Room[]
  you: Person
}

export interface ChatRoomParams {
  roomId: string
}

export interface ChatRoomTypingEventInput {
  isTyping: boolean
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

export interface Message {
  author: Person
  id: string
  sentAt: Date
  text: string
}

export interface Person {
  id: string
  name: string
}

export interface Room {
  id: string
  name: string
  topic: string
}
