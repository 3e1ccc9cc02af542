import type { Clock } from '@typewire/core'
import { createServer, type Listening } from '@typewire/server'
import { ticker } from '../contract.ts'
import { Market } from './market.ts'

/** How often clients are told the figures, in milliseconds. */
const figuresEveryMs = 500

export interface TickerServerOptions {
  /** Of the prices. */
  readonly seed: number
  /** What the market goes by. */
  readonly clock: Pick<Clock, 'now' | 'after'>
  /** The time of day, in milliseconds since 1970. */
  readonly startedAtMs: number
}

/** The ticker: a market, and a server that tells of it. It has yet to be attached to an HTTP server. */
export function createTickerServer({ seed, clock, startedAtMs }: TickerServerOptions): TickerServer {
  const server = createServer(ticker, {
    /*
     * Prices wait while half of this is on its way to a client that has not acknowledged it: 32 KiB, not half a second of
     * prices at the usual rate. With the default, 4 MiB, a client would have to be half a minute behind before anything is
     * replaced: the buffers of a network are long, and what lies in them cannot be taken back.
     */
    maxBufferBytes: 65_536,
  })
  const prices = server.rooms.market()
  const market = new Market({ seed, clock, startedAtMs, onPrice: (price) => prices.emit.price(price) })
  const listening = server.implement({
    procedures: {
      market: () => market.now(),
      setRate: ({ input: { rate } }) => {
        market.rate = rate
        return { rate, at: market.nowMs() }
      },
    },
    rooms: { market: { authorize: () => true } },
  })

  const tellFigures = () => {
    const { made, rate } = market
    const at = market.nowMs()
    for (const session of server.sessions) {
      session.emit.figures({ at, rate, made, conflated: session.delivery.conflated })
    }
    cancel = clock.after(figuresEveryMs, tellFigures)
  }
  market.start()
  let cancel = clock.after(figuresEveryMs, tellFigures)
  const stop = () => {
    market.stop()
    cancel()
  }
  return { listening, market, stop }
}

export interface TickerServer {
  readonly listening: Listening
  readonly market: Market
  /** No more prices are made. */
  readonly stop: () => void
}
