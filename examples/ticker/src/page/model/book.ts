import type { Listing, Price } from '../../contract.ts'
import { limits } from '../../limits.ts'

/** How far apart the points of a sparkline are, in milliseconds. */
const sampleMs = 1_000

/** The newest price of a symbol, and what it was at each second since this page began to listen. */
export interface Quote extends Price {
  readonly samples: readonly Price[]
}

/** The newest price of each symbol. Replaced, never mutated: by that React knows which rows have changed. */
export type Book = Readonly<Record<string, Quote>>

/** What the book is once a price has come. */
export function withPrice(book: Book, price: Price): Book {
  const samples = book[price.symbol]?.samples ?? []
  const last = samples.at(-1)
  const isSample = !last || price.at - last.at >= sampleMs
  const next = isSample ? [...samples, price].slice(-limits.historySeconds) : samples
  return { ...book, [price.symbol]: { ...price, samples: next } }
}

/** A line of the table: what the server told of a symbol, and what came since. */
export interface Row {
  readonly listing: Listing
  readonly historyEndsAt: number
  readonly quote: Quote | undefined
}

/** The price of a row. What was told last counts, also when the server had to be asked anew. */
export function priceOf({ listing, quote }: Row): number {
  return quote && quote.at >= listing.at ? quote.price : listing.price
}

/** The change since the market opened, as a part of the price then. */
export function changeOf(row: Row): number {
  return priceOf(row) / row.listing.open - 1
}

const noSamples: readonly Price[] = []

/** The last minute, a price a second, oldest first: what the server told, and what came since. */
export function minuteOf(listing: Listing, historyEndsAt: number, samples = noSamples): readonly number[] {
  const since = samples.filter(({ at }) => at > historyEndsAt)
  return [...listing.history, ...since.map(({ price }) => price)].slice(-limits.historySeconds)
}
