import type { MaybePromise } from './util/types.ts'

/**
 * What one server process ("node") publishes to all, and gets back from all. A broker forwards it as it is; it is plain
 * JSON through and through.
 */
export interface Publication {
  /** The event's name, as the contract has it. */
  readonly event: string
  /** The payload as it stands in a frame: `,json` and `,annotations`, where there are any. */
  readonly payload: string
  /** Where it is given, it goes to these sessions alone, by their ids. */
  readonly only?: readonly string[]
  /** Sessions that it does not go to, by their ids; where the room has a history, their clients too, as their node names them. */
  readonly except?: readonly string[]
  /** Acks are asked for: what each node's members answered goes to this one, with this number. */
  readonly ask?: { readonly node: string; readonly id: number; readonly timeoutMs: number }
}

/** Where a publication stands in its channel's history. */
export interface Position {
  /** Offsets are comparable within an epoch. A channel has another one whenever offsets could be used again. */
  readonly epoch: string
  /** Rises by one with each publication. The first one of an epoch has 1; 0 is before it. */
  readonly offset: number
}

/** What is kept of a channel. */
export interface HistoryBounds {
  /** How many publications. */
  readonly limit: number
  /** For how long, in milliseconds. The position, and what keys were used, are kept for as long after the last use. */
  readonly ttlMs: number
}

export interface PublishOptions {
  /** Keeps the publication, and gives it a position. */
  readonly history?: HistoryBounds | undefined
  /** Publishes once what is published under one key, of what has a history: again, it is the first one's position. */
  readonly key?: string | undefined
}

/** Which publications: all behind a position, or the newest ones, of those before an offset. */
export type HistoryQuery =
  | { readonly since: Position }
  | { readonly limit: number; readonly before?: number | undefined }

/** A publication of a channel's history. */
export interface HistoryEntry {
  readonly offset: number
  readonly publication: Publication
}

/** What a channel's history has, in the order of offsets. */
export interface HistoryPage extends Position {
  /** The offset of the last publication that there was, whatever was asked for. */
  readonly offset: number
  /** None where `since` is of another epoch. Where the first ones are not kept any more, those that are. */
  readonly publications: readonly HistoryEntry[]
}

/** What a broker tells a node. Never called before `connect` has returned. */
export interface BrokerEvents {
  /**
   * A publication on a channel that the node subscribes to: its own ones too, and all in one order on every node. With
   * its position, where it is kept.
   */
  readonly onPublication: (channel: string, publication: Publication, position?: Position) => void
  /** A message of a node; those of one node come in order. */
  readonly onMessage: (from: string, message: string) => void
}

/** A node's end of a broker. What rejects, or throws, has not been done. */
export interface BrokerLink {
  /**
   * From when it resolves on, publications on the channel are told. Subscribing twice is subscribing once. What a node
   * asks about one channel, it asks one after the other.
   */
  readonly subscribe: (channel: string) => MaybePromise<void>
  /** From when it resolves on, nothing of the channel is told. */
  readonly unsubscribe: (channel: string) => MaybePromise<void>
  /**
   * Tells every node that subscribes to the channel, this one too. What one node publishes on one channel keeps its order,
   * also where it does not wait in between. Resolves when the broker has it, to its position where it is kept.
   */
  readonly publish: (
    channel: string,
    publication: Publication,
    options?: PublishOptions,
  ) => MaybePromise<Position | undefined>
  /**
   * Reads what is kept of a channel: at least what was published before the question. `bounds` are those that its
   * publications have. A channel keeps its epoch while nodes subscribe to it, and for `ttlMs` after that.
   */
  readonly history: (channel: string, query: HistoryQuery, bounds: HistoryBounds) => MaybePromise<HistoryPage>
  /** The nodes that subscribe to the channel, by their ids, as far as the broker knows that they live. */
  readonly subscribers: (channel: string) => MaybePromise<readonly string[]>
  /** Sends to one node, which may be this one. One that is not there any more does not get it, and nobody is told. */
  readonly send: (to: string, message: string) => MaybePromise<void>
  /** Takes the node out, with all that it has subscribed to. */
  readonly close: () => MaybePromise<void>
}

/**
 * What joins several server processes to one server: publications by interest, and messages between nodes. The server has
 * one in memory of its own where it is given none. A broker of one's own has to pass testkit's suite.
 */
export interface Broker {
  /** Takes in a node, by an id that no other has. */
  readonly connect: (node: string, events: BrokerEvents) => BrokerLink
}
