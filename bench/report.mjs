// What is shown of the rounds: a table for each scenario, on the terminal.
import { median, summary } from './statistics.mjs'

/** @typedef {import('./types.ts').Metric} Metric */
/** @typedef {{ median: number, min: number, max: number, timesTypewire?: number }} Figure */
/** @typedef {{ name: string, title: string, base?: string, metrics: Readonly<Record<string, Metric>>, rows: { name: string, label: string, figures: Record<string, Figure>, failure?: string }[] }} Result */
/** @typedef {Result & { size: string, on: string, day: string }} Measured What is kept of a run. */

/**
 * The figures of a scenario. What each is of Typewire's, of the first row that is, is computed within each round.
 *
 * @param {{ name: string, title: string, metrics: Readonly<Record<string, Metric>> }} scenario
 * @param {readonly { name: string, label: string }[]} rows
 * @param {import('./rounds.mjs').Rounds} rounds
 * @param {ReadonlyMap<string, string>} failures
 * @returns {Result}
 */
export function resultOf({ name: scenario, title, metrics }, rows, rounds, failures = new Map()) {
  const base = rows.find((row) => row.name.startsWith('typewire') && rounds.has(row.name))
  const own = rounds.get(base?.name ?? '') ?? []
  return {
    name: scenario,
    title,
    ...(base ? { base: base.name } : {}),
    metrics,
    rows: rows.map(({ name, label }) => {
      const values = rounds.get(name) ?? []
      /** @type {Record<string, Figure>} */
      const figures = {}
      for (const metric of Object.keys(metrics)) {
        const samples = values.map((each) => each[metric] ?? Number.NaN).filter((each) => !Number.isNaN(each))
        if (samples.length === 0) continue
        const ratios = values
          .map((each, round) => (each[metric] ?? Number.NaN) / (own[round]?.[metric] ?? Number.NaN))
          .filter((each) => Number.isFinite(each))
        figures[metric] = {
          ...summary(samples),
          ...(ratios.length > 0 && name !== base?.name ? { timesTypewire: median(ratios) } : {}),
        }
      }
      const failure = failures.get(name)
      return { name, label, figures, ...(failure === undefined ? {} : { failure }) }
    }),
  }
}

/** @param {number} value */
export function shown(value) {
  return Math.abs(value) >= 99.5 ? Math.round(value).toLocaleString('en') : value.toPrecision(2)
}

/** @param {Figure | undefined} figure */
function cell(figure) {
  if (!figure) return '–'
  const { min, max, timesTypewire } = figure
  const spread = min === max ? '' : ` (${shown(min)}–${shown(max)})`
  const times = timesTypewire === undefined ? '' : `  × ${timesTypewire.toFixed(2)}`
  return `${shown(figure.median)}${spread}${times}`
}

/**
 * One line for each row, in as many blocks as metrics fit beside each other.
 *
 * @param {Result} result
 */
export function tableOf({ title, base, metrics, rows }) {
  const measured = Object.entries(metrics).filter(([metric]) => rows.some(({ figures }) => figures[metric]))
  const lines = [`\n## ${title}`]
  const baseLabel = rows.find(({ name }) => name === base)?.label
  if (baseLabel && base !== 'typewire') lines.push(`× of ${baseLabel}`)
  for (let from = 0; from < measured.length; from += 3) {
    const block = measured.slice(from, from + 3)
    const table = [
      ['', ...block.map(([, { title: name, unit }]) => `${name}, ${unit}`)],
      ...rows.map(({ label, figures }) => [label, ...block.map(([metric]) => cell(figures[metric]))]),
    ]
    const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? []
    lines.push(
      '',
      ...table.map((row) =>
        row
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd(),
      ),
    )
  }
  for (const { label, failure } of rows) if (failure) lines.push(`! ${label}: ${failure}`)
  return lines.join('\n')
}
