/**
 * The value below which this share of them lies.
 *
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5)

/** @param {readonly number[]} values */
export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * The median of the rounds, and between what they lay.
 *
 * @param {readonly number[]} values
 */
export const summary = (values) => ({ median: median(values), min: Math.min(...values), max: Math.max(...values) })
