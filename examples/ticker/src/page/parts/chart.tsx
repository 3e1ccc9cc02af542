import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import { limits } from '../../limits.ts'
import { changeOf, priceOf, type Row } from '../model/book.ts'
import { formatChange, formatPrice } from '../model/format.ts'
import { useMedia } from '../model/media.ts'
import type { Tape } from '../model/tape.ts'

export interface ChartProps {
  /** Whose prices are shown. */
  readonly row: Row | undefined
  /** Drawn again when these are others. */
  readonly rows: readonly Row[]
  readonly tape: Tape
}

/** Each price of a symbol over the last minute. */
export function Chart({ row, rows, tape }: ChartProps) {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const isDark = useMedia('(prefers-color-scheme: dark)')

  useEffect(() => {
    const element = place.current!
    const made = makePlot(element, tape)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize(sizeOf(element)))
    observer.observe(element)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [tape, isDark])

  const symbol = row?.listing.symbol
  useEffect(() => {
    if (symbol) plot.current!.setData(tape.series(symbol) as unknown as uPlot.AlignedData)
  }, [symbol, rows, tape, isDark])

  return (
    <section className="card chart" aria-labelledby="chart-title">
      <div className="chart-head">
        <h2 id="chart-title">
          <span className="symbol">{symbol ?? '–'}</span>{' '}
          <span className="company">{row?.listing.name ?? 'Loading …'}</span>
        </h2>
        {row && (
          <p>
            <span className="number">{formatPrice(priceOf(row))}</span>{' '}
            <span className="change" data-trend={changeOf(row) < 0 ? 'down' : 'up'}>
              {formatChange(changeOf(row))}
            </span>
          </p>
        )}
      </div>
      <div
        ref={place}
        className="plot"
        role="img"
        aria-label={row ? `Each price of ${row.listing.name} over the last minute` : 'No prices yet'}
      />
    </section>
  )
}

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement) => ({ width: clientWidth, height: clientHeight })

function makePlot(element: HTMLElement, tape: Tape): uPlot {
  // A canvas knows nothing of style sheets: it is told the colours, and made anew when they are others.
  const style = getComputedStyle(element)
  const color = (name: string) => style.getPropertyValue(name).trim()
  const axis: uPlot.Axis = {
    stroke: color('--ink-soft'),
    font: `12px ${style.fontFamily}`,
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  }
  const options: uPlot.Options = {
    ...sizeOf(element),
    legend: { show: false },
    cursor: { show: false },
    padding: [12, 12, 0, 0],
    scales: {
      // Up to the newest price of all symbols: it goes on while this one rests, and stands still while none comes.
      x: { time: true, range: () => [tape.newestAt / 1_000 - limits.historySeconds, tape.newestAt / 1_000] },
    },
    axes: [
      { ...axis, size: 32, space: 90, values: (plot, splits) => splits.map((second) => timeAt(plot, second)) },
      { ...axis, size: 64, space: 28, values: (_, splits) => splits.map(formatPrice) },
    ],
    series: [{}, { stroke: color('--copper'), fill: color('--copper-wash'), width: 1.5, points: { show: false } }],
  }
  return new uPlot(options, [[], []], element)
}

const timeFormat = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

/** None at the right edge, which would cut it off. */
function timeAt(plot: uPlot, second: number): string {
  const leftPx = plot.valToPos(second, 'x')
  return leftPx > plot.bbox.width / devicePixelRatio - 24 ? '' : timeFormat.format(second * 1_000)
}
