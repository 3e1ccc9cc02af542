import { memo, useMemo } from 'react'
import { changeOf, minuteOf, priceOf, type Row } from '../model/book.ts'
import { formatChange, formatPrice } from '../model/format.ts'
import { pointsOf, Sparkline } from './sparkline.tsx'

export interface TableProps {
  readonly rows: readonly Row[]
  /** Whose chart is shown. */
  readonly chosen: string | undefined
  readonly onChoose: (symbol: string) => void
}

/** All symbols. */
export function Table({ rows, chosen, onChoose }: TableProps) {
  return (
    <section className="card symbols" aria-labelledby="symbols-title">
      <h2 id="symbols-title" className="sr-only">
        Symbols
      </h2>
      <div className="symbols-scroll" aria-busy={rows.length === 0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col" className="minute">
                Minute
              </th>
              <th scope="col" className="numeric">
                Price
              </th>
              <th scope="col" className="numeric">
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const { symbol } = row.listing
              return <SymbolRow key={symbol} {...row} isChosen={symbol === chosen} onChoose={onChoose} />
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

interface SymbolRowProps extends Row {
  readonly isChosen: boolean
  readonly onChoose: (symbol: string) => void
}

/** A line of the table, which is rendered again when its own price has changed. */
const SymbolRow = memo(function SymbolRow({ isChosen, onChoose, listing, historyEndsAt, quote }: SymbolRowProps) {
  const row = { listing, historyEndsAt, quote }
  const samples = quote?.samples
  const minute = useMemo(() => {
    const prices = minuteOf(listing, historyEndsAt, samples)
    return { points: pointsOf(prices), trend: prices.at(-1)! < prices[0]! ? 'down' : 'up' }
  }, [listing, historyEndsAt, samples])
  const change = changeOf(row)
  return (
    <tr data-symbol={listing.symbol} data-chosen={isChosen} onClick={() => onChoose(listing.symbol)}>
      <th scope="row">
        <button type="button" aria-pressed={isChosen}>
          <span className="symbol">{listing.symbol}</span> <span className="name">{listing.name}</span>
        </button>
      </th>
      <td className="minute" data-trend={minute.trend}>
        <Sparkline points={minute.points} />
      </td>
      <td className="numeric price">{formatPrice(priceOf(row))}</td>
      <td className="numeric change" data-trend={change < 0 ? 'down' : 'up'}>
        {formatChange(change)}
      </td>
    </tr>
  )
})
