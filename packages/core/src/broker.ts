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
  /** Sessions that it does not go to, by their ids. */
  readonly except?: readonly string[]
  /** Acks are asked for: what each node's members answered goes to this one, with this number. */
  readonly ask?: { readonly node: string; readonly id: number; readonly timeoutMs: number }
}

/** What a session says of itself in a channel, as its node gives it. */
export interface PresenceRecord {
  readonly sessionId: string
  /** Whose it is; `null`: nobody's in particular. */
  readonly identity: string | null
  /** The client object. A session follows another of the same client and identity, and takes its place. */
  readonly instance: string
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

/** What a broker tells a node. Never called before `connect` has returned. */
export interface BrokerEvents {
  /** A publication on a channel that the node subscribes to: its own ones too, and all in one order on every node. */
  readonly onPublication: (channel: string, publication: Publication) => void
  /**
   * Who is present has changed, on a channel that the node subscribes to, by this node or another. All in one order on
   * every node, each once.
   */
  readonly onPresence: (channel: string, change: PresenceChange) => void
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
   * also where it does not wait in between. Resolves when the broker has it.
   */
  readonly publish: (channel: string, publication: Publication) => MaybePromise<void>
  /** The nodes that subscribe to the channel, by their ids, as far as the broker knows that they live. */
  readonly subscribers: (channel: string) => MaybePromise<readonly string[]>
  /** Sends to one node, which may be this one. One that is not there any more does not get it, and nobody is told. */
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
   * Takes the node out, with all that it has subscribed to. What it has said of presence stays for as long as it was told
   * to, and the rest until the node's lease is over, as for a node that has died: a link renews the lease while its node
   * lives, say every 3 s for 10 s.
   */
  readonly close: () => MaybePromise<void>
}

/**
 * What joins several server processes to one server: publications by interest, presence, and messages between nodes. The server has
 * one in memory of its own where it is given none. A broker of one's own has to pass testkit's suite.
 */
export interface Broker {
  /** Takes in a node, by an id that no other has. */
  readonly connect: (node: string, events: BrokerEvents) => BrokerLink
}
