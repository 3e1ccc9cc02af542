// What the server and the page say to each other. The page imports types from here and nothing else: no schema library
// reaches its bundle.

import { defineContract, event, type Named, procedure, room } from '@typewire/core'
import { z } from 'zod'
import { limits } from './limits.ts'

/** `at`: when it was made, in milliseconds since 1970 by the server's clock. */
export const Price = z.object({ symbol: z.string(), price: z.number(), at: z.number() })
export type Price = z.infer<typeof Price>

export const Listing = z.object({
  symbol: z.string(),
  name: z.string(),
  /** The price that changes are told against. */
  open: z.number(),
  price: z.number(),
  at: z.number(),
  /** The price at each second of the last minute, oldest first; the last one is of `historyEndsAt`. */
  history: z.array(z.number()),
})
export type Listing = z.infer<typeof Listing>

export const Market = z.object({
  /** What the server's clock shows. */
  nowMs: z.number(),
  historyEndsAt: z.number(),
  listings: z.array(Listing),
})
export type Market = z.infer<typeof Market>

/** What the server knows of the market, and of how this client keeps up. Counts go up for ever: who wants rates subtracts. */
export const Figures = z.object({
  at: z.number(),
  /** How many prices per second are asked of the market. */
  rate: z.number(),
  /** How many prices were made, since the server started. */
  made: z.number(),
  /** Prices that a newer one of their symbol has replaced before they were sent to this client. */
  conflated: z.number(),
})
export type Figures = z.infer<typeof Figures>

const contract = defineContract({
  procedures: {
    /** All symbols, as they are now. For who has just joined, and whoever has missed something. */
    market: procedure({ output: Market }),
    /** How many prices per second the market makes, for everybody. */
    setRate: procedure({
      input: z.object({ rate: z.number().int().min(limits.minRate).max(limits.maxRate) }),
      /** From when on it holds. Figures of before may still be on their way. */
      output: z.object({ rate: z.number(), at: z.number() }),
    }),
  },
  events: {
    /** Twice a second. Of use is the newest alone. */
    toClient: { figures: event(Figures, { delivery: 'latest' }) },
  },
  rooms: {
    market: room({
      events: {
        /** Of a symbol only the newest price waits for a client that is slow: that is all there is to it. */
        toClient: { price: event(Price, { delivery: 'latest', key: ({ symbol }) => symbol }) },
      },
    }),
  },
})

export interface Ticker extends Named<typeof contract> {}
export const ticker: Ticker = contract
