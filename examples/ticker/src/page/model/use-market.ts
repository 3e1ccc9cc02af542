import { useCall, useSubscription } from '@typewire/react'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { TickerClient } from '../app.tsx'
import { type Book, type Row, withPrice } from './book.ts'
import { Gauge } from './gauge.ts'
import { Tape } from './tape.ts'

const emptyBook: Book = {}
const noRows: readonly Row[] = []

/** The market: joined for the prices, and asked for what there was before. */
export function useMarket(client: TickerClient) {
  const [tape] = useState(() => new Tape())
  const [gauge] = useState(() => new Gauge())
  const { data: market, run } = useCall(client.call.market)
  const load = useCallback(async () => {
    const askedAtMs = gauge.now()
    const answer = await run()
    if (!answer.ok) return // the session was lost meanwhile: in the next it is asked again
    gauge.setClock(answer.data.nowMs, askedAtMs)
    tape.load(answer.data)
  }, [run, gauge, tape])

  const { data: book, status } = useSubscription(client.join.market, undefined, {
    initial: emptyBook,
    reduce: { price: withPrice },
    on: {
      price: (price) => {
        gauge.came(price)
        tape.add(price)
      },
    },
    onMissed: () => void load(),
  })
  // Behind the join: what is made after the answer comes as a price.
  const isLacking = status === 'joined' && !market
  useEffect(() => {
    if (isLacking) void load()
  }, [isLacking, load])

  const rows = useMemo(() => {
    if (!market) return noRows
    const { listings, historyEndsAt } = market
    return listings.map((listing): Row => ({ listing, historyEndsAt, quote: book[listing.symbol] }))
  }, [market, book])
  return { rows, tape, gauge }
}
