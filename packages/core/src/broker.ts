import type { MaybePromise } from './util/types.ts'

/**
 * What one server process ("node") publishes to all, and gets back from all. A broker forwards it as it is; it is plain
 * JSON through and through.
 */
export interface Publication {
  /** The event's name, as the contract has it. One that begins with `$` is the servers' own: no member hears of it. */
  readonly event: string
  /** The payload as it stands in a frame: `,json` and `,annotations`, where there are any. */
  readonly payload: string
  /** Where it is given, it goes to these sessions alone, by their ids. */
  readonly only?: readonly string[]
  /** Sessions that it does not go to, by their ids. */
  readonly except?: readonly string[]
  /** It is published on each of these channels, under one id that no other has: who hears several of them gets it once. */
  readonly copies?: { readonly id: string; readonly channels: readonly string[] }
  /** Acks are asked for: what each node's members answered goes to this one, with this number. */
  readonly ask?: { readonly node: string; readonly id: number; readonly timeoutMs: number }
}

/** What a broker tells a node. Never called before `connect` has returned. */
export interface BrokerEvents {
  /** A publication on a channel that the node subscribes to: its own ones too, and all in one order on every node. */
  readonly onPublication: (channel: string, publication: Publication) => void
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
