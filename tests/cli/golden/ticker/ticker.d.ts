// Made by: typewire generate typescript examples/ticker/src/contract.ts
// From the contract ticker, of the fingerprint cL7wU0z4k6JYpB-LXnwKRg.
// Do not edit: change the contract, and make it anew.

import type {
  Client,
  ClientOptionsOf,
  Contract,
  Event,
  Nothing,
  Procedure,
  Room,
  UnkeptEmitOptions,
} from '@typewire/client'

export type TickerClientOptions = ClientOptionsOf<Ticker>
export type TickerClient = Client<Ticker>

/** Of the contract that this was made from. The server compares it with that of its own. */
export declare const fingerprint: string

/**
 * Creates a client of the contract: `createTickerClient({ url })`.
 * @throws TypeError for a URL that is none; RangeError for a number out of its range.
 */
export declare function createTickerClient(options: TickerClientOptions): TickerClient

export interface Ticker extends Contract<{
  auth: Nothing
  procedures: {
    market: Procedure<void, Market, {}>
    setRate: Procedure<SetRateInput, SetRateOutput, {}>
  }
  streams: {}
  events: {
    toServer: {}
    toClient: {
      figures: Event<Figures, Figures, void, void, UnkeptEmitOptions>
    }
  }
  rooms: {
    market: Room<void, {}, { price: Event<Price, Price, void, void, UnkeptEmitOptions> }>
  }
  namespaces: {}
}> {}

export interface SetRateInput {
  /** A whole number. From 100 to 4000. */
  rate: number
}

export interface SetRateOutput {
  at: number
  rate: number
}

export interface Figures {
  at: number
  conflated: number
  made: number
  rate: number
}

export interface Listing {
  at: number
  history: number[]
  name: string
  open: number
  price: number
  symbol: string
}

export interface Market {
  historyEndsAt: number
  listings: Listing[]
  nowMs: number
}

export interface Price {
  at: number
  price: number
  symbol: string
}
