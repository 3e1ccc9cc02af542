import { memo } from 'react'

const width = 96
const height = 24

/** A line of prices without a scale. */
export const Sparkline = memo(function Sparkline({ points }: { readonly points: string }) {
  return (
    <svg className="sparkline" viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      <polyline points={points} />
    </svg>
  )
})

/** Where the line goes. A text, so that one that has not changed is not drawn again. */
export function pointsOf(prices: readonly number[]): string {
  const low = Math.min(...prices)
  const span = Math.max(...prices) - low || 1
  const step = width / Math.max(1, prices.length - 1)
  return prices
    .map(
      (price, index) =>
        `${(index * step).toFixed(1)},${(height - 2 - ((price - low) / span) * (height - 4)).toFixed(1)}`,
    )
    .join(' ')
}
