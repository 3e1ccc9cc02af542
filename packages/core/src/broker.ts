import type { Position } from './util/position.ts'
import type { MaybePromise } from './util/types.ts'

/**
 * What one server process ("node") publishes to all, and gets back from all. A broker forwards it as it is; but for its
 * `parts` it is plain JSON through and through, of any size that a frame may have.
 */
export interface Publication {
  /** The event's name, as the contract has it. One that begins with `$` is the servers' own: no member hears of it. */
  readonly event: string
  /** The payload as it stands in a frame: `,json` and `,annotations`, where there are any. */
  readonly payload: string
  /** Bytes of the payload, where it has any. */
  readonly parts?: readonly Uint8Array<ArrayBuffer>[] | undefined
  /** A session that lags behind does not get it: it does not wait. */
  readonly volatile?: true
  /** While it waits for a session, the next of the same event and key takes its place. */
  readonly latestKey?: string
  /** Where it is given, it goes to these sessions alone, by their ids. */
  readonly only?: readonly string[]
  /** Sessions that it does not go to, by their ids; where the room has a history, their clients too, as their node names them. */
  readonly except?: readonly string[]
  /** It is published on each of these channels, under one id that no other has: who hears several of them gets it once. */
  readonly copies?: { readonly id: string; readonly channels: readonly string[] }
  /** Acks are asked for: what each node's members answered goes to this one, with this number. */
  readonly ask?: { readonly node: string; readonly id: number; readonly timeoutMs: number }
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

/** What a session says of itself in a channel, as its node gives it. */
export interface PresenceRecord {
  readonly sessionId: string
  /** Whose it is; `null`: nobody's in particular. */
  readonly identity: string | null
  /** The client object. A session follows another of the same client and identity, and takes its place. */
  readonly instance: string
  /** Rises from one session of a client object to the next: what a node says late of the one before is of no effect. */
  readonly attempt: number
  /** The data as it stands in a frame. */
  readonly payload: string
}

/** A step in who is present in a channel: one more or another, and who is not any more. The first takes place first. */
export interface PresenceChange {
  /** Above that of each change before it on the channel. */
  readonly version: number
  readonly set?: PresenceRecord
  /** Sessions, by their ids. */
  readonly removed?: readonly string[]
}

export interface PresenceSnapshot {
  /** That of the last change in it: those above are not. */
  readonly version: number
  /** By member, in the order in which members came; those of one member in the order in which they came. */
  readonly records: readonly PresenceRecord[]
}

/**
 * What a broker tells a node. Never called before `connect` has returned, nor after the node's link was told to close.
 * Each may call the link again, whatever it asks: what comes of it is told when it has returned. What one throws is lost,
 * and concerns nobody else: other nodes are told all the same, and so is this one of what comes next.
 */
export interface BrokerEvents {
  /**
   * A publication on a channel that the node subscribes to: its own ones too, and all in one order on every node. With
   * its position, where it is kept.
   */
  readonly onPublication: (channel: string, publication: Publication, position?: Position) => void
  /**
   * Who is present has changed, on a channel that the node subscribes to, by this node or another. All in one order on
   * every node, each once. They have no order with publications.
   */
  readonly onPresence: (channel: string, change: PresenceChange) => void
  /** A message of a node; those of one node come in order. They have no order with publications. */
  readonly onMessage: (from: string, message: string) => void
}

/**
 * A node's end of a broker. A channel is any text. What rejects, or throws, has failed: it may have been done all the same
 * where an answer was lost on its way, so that a `subscribe` that failed is to be followed by an `unsubscribe`. After
 * `close` nothing that is asked is done, or leaves anything behind; it resolves or rejects.
 */
export interface BrokerLink {
  /**
   * From when it resolves on, what is published on the channel is told; perhaps what was published shortly before, too.
   * Subscribing twice is subscribing once. What a node asks about one channel, it asks one after the other.
   */
  readonly subscribe: (channel: string) => MaybePromise<void>
  /** From when it resolves on, nothing of the channel is told. Without a subscription it resolves as well. */
  readonly unsubscribe: (channel: string) => MaybePromise<void>
  /**
   * Tells every node that subscribes to the channel, this one too; one that does not subscribe may publish as well. What
   * one node publishes on one channel keeps its order, also where it does not wait in between. Resolves when the broker
   * has it: perhaps before it is told, perhaps after. To its position, where it is kept.
   */
  readonly publish: (
    channel: string,
    publication: Publication,
    options?: PublishOptions,
  ) => MaybePromise<Position | undefined>
  /**
   * Reads what is kept of a channel: at least what was published before the question. `bounds` are those that its
   * publications have. A channel keeps its epoch while nodes subscribe to it and, once something was kept of it, for `ttlMs`
   * after that: before its first publication there is nothing to remember of who has only joined.
   */
  readonly history: (channel: string, query: HistoryQuery, bounds: HistoryBounds) => MaybePromise<HistoryPage>
  /**
   * The nodes that subscribe to the channel, each once, by their ids, in any order: those whose `subscribe` has resolved, on
   * whatever node it is asked, and not those whose `unsubscribe` or `close` has. One that dies without closing is left out
   * when the broker finds out, by a lease or a lost connection.
   */
  readonly subscribers: (channel: string) => MaybePromise<readonly string[]>
  /**
   * Sends to one node, which may be this one. What one node sends to another keeps its order, also where it does not wait
   * in between. One that is not there any more does not get it, and nobody is told.
   */
  readonly send: (to: string, message: string) => MaybePromise<void>
  /**
   * Says, in a channel, what a session of this node says of itself; the same as before changes nothing and is told to
   * nobody. Takes back a `removePresence` that has not taken place. Takes the place of another session of the same
   * identity and `instance`, in one change. What a node says of presence on one channel keeps its order, also where it
   * does not wait in between. Resolves when the broker has it.
   */
  readonly setPresence: (channel: string, record: PresenceRecord) => MaybePromise<void>
  /** Takes it out in so many milliseconds, also if the node has gone by then; 0: at once. Its last word counts. */
  readonly removePresence: (channel: string, sessionId: string, afterMs: number) => MaybePromise<void>
  /** Who is present now. The node need not subscribe to the channel. */
  readonly presence: (channel: string) => MaybePromise<PresenceSnapshot>
  /**
   * Keeps a text under a key, in place of what was kept there: what an idempotent call was answered, for its repetition. It
   * goes in so many milliseconds, whatever becomes of the node, or before, where the broker would keep too much: the oldest
   * first. Resolves when the broker has it.
   */
  readonly keepResult: (key: string, result: string, ttlMs: number) => MaybePromise<void>
  /** What is kept under a key, by whatever node: at least what was kept when it was asked. */
  readonly result: (key: string) => MaybePromise<string | undefined>
  /**
   * Takes the node out, with all that it has subscribed to: from when it is called on the node is told nothing, from when
   * it resolves on it is no subscriber. Closing twice is closing once. What it has said of presence stays for
   * as long as it was told to, and the rest until the node's lease is over, as for a node that has died: a link renews
   * the lease while its node lives, say every 3 s for 10 s.
   */
  readonly close: () => MaybePromise<void>
}

/**
 * What joins several server processes to one server: publications by interest, presence, messages between nodes, and results of
 * idempotent calls. The server has one in memory of its own where it is given none. A broker of one's own has to pass testkit's suite.
 */
export interface Broker {
  /**
   * Takes in a node, by an id that no other has or had. What it asks before the broker is reached waits, or fails.
   * @throws TypeError where a node of that id is here already, as far as can be seen at once.
   */
  readonly connect: (node: string, events: BrokerEvents) => BrokerLink
}
