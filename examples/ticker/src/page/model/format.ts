const priceFormat = new Intl.NumberFormat('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const countFormat = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export const formatPrice = (price: number): string => priceFormat.format(price)

export const formatCount = (count: number | undefined): string =>
  count === undefined ? '–' : countFormat.format(count)

/** With its sign, of which minus is as wide as plus. */
export function formatChange(part: number): string {
  const percent = part * 100
  const sign = percent >= 0.005 ? '+' : percent <= -0.005 ? '−' : '±'
  return `${sign}${Math.abs(percent).toFixed(2)} %`
}
