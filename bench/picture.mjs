// The main figures as bars, in SVG, for light pages and dark ones.
import { shown } from './report.mjs'

/** @typedef {import('./report.mjs').Result} Result */

/** What is shown: of which scenario which metric, in reading order. */
const panels = [
  { scenario: 'calls', metric: 'cpu64', title: 'Server CPU per call, 64 in flight' },
  { scenario: 'fan-out', metric: 'cpu500', title: 'Server CPU per delivery, room of 500' },
  { scenario: 'calls', metric: 'rate64', title: 'Calls, 64 in flight' },
  { scenario: 'bursts', metric: 'rate', title: 'Deliveries, 100 events a tick' },
  { scenario: 'calls', metric: 'p50', title: 'Round trip, p50' },
  { scenario: 'streams', metric: 'rate', title: 'Items of a stream' },
  { scenario: 'memory', metric: 'heap', title: 'Server heap per idle connection' },
  { scenario: 'connects', metric: 'rate', title: 'Connections opened' },
]
const named = ['ws', 'limit', 'socket.io', 'trpc', 'trpc-superjson', 'orpc', 'capnweb', 'typewire']

const width = 860
const gap = 40
const panelWidth = (width - gap) / 2
const labelWidth = 120
const valueWidth = 74
const line = 20
const head = 40

const style = `
  text { font: 12px system-ui, sans-serif; fill: #3d4450 }
  .title { font-weight: 600; font-size: 13px; fill: #15181d }
  .note { fill: #68707d }
  .own { font-weight: 600; fill: #15181d }
  rect { fill: #b4bcc8 }
  rect.stack { fill: #d9dee5 }
  rect.own { fill: #2f6fde }
  @media (prefers-color-scheme: dark) {
    text { fill: #b6bec9 }
    .title, .own { fill: #f0f3f6 }
    .note { fill: #8d96a0 }
    rect { fill: #57606c }
    rect.stack { fill: #3b424b }
    rect.own { fill: #5b95f5 }
  }
`

const escaped = (/** @type {string} */ text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;')

/**
 * One metric: a bar for each peer that has it.
 *
 * @param {{ title: string, metric: string }} panel
 * @param {Result} result
 */
function drawPanel({ title, metric }, { metrics, rows }) {
  const { unit = '', best } = metrics[metric] ?? {}
  const bars = rows.filter(({ name, figures }) => named.includes(name) && figures[metric])
  const most = Math.max(...bars.map(({ figures }) => figures[metric]?.median ?? 0))
  const room = panelWidth - labelWidth - valueWidth
  const drawn = bars.map(({ name, label, figures }, index) => {
    const value = figures[metric]?.median ?? 0
    const length = Math.max(1, (value / most) * room)
    const y = head + index * line
    const kind = name === 'typewire' ? 'own' : name === 'ws' || name === 'limit' ? 'stack' : ''
    return [
      `<text class="${kind}" x="${labelWidth - 8}" y="${y + 11}" text-anchor="end">${escaped(label)}</text>`,
      `<rect class="${kind}" x="${labelWidth}" y="${y}" width="${length.toFixed(1)}" height="14" rx="2"/>`,
      `<text class="${kind}" x="${(labelWidth + length + 6).toFixed(1)}" y="${y + 11}">${shown(value)}</text>`,
    ].join('\n')
  })
  const better = best === 'most' ? 'more is better' : 'less is better'
  const heading = `<text class="title" y="14">${escaped(title)}</text><text class="note" y="30">${unit}, ${better}</text>`
  return { height: head + bars.length * line + 24, text: [heading, ...drawn].join('\n') }
}

/** @param {readonly import('./report.mjs').Measured[]} results */
export function pictureOf(results) {
  const drawn = panels.flatMap((panel) => {
    const result = results.find(({ name }) => name === panel.scenario)
    return result?.rows.some(({ figures }) => figures[panel.metric]) ? [drawPanel(panel, result)] : []
  })
  const shownResults = results.filter(({ name }) => panels.some(({ scenario }) => scenario === name))
  const days = [...new Set(shownResults.map(({ day }) => day))].join(', ')
  const quick = shownResults.filter(({ size }) => size !== 'full')
  const sizes =
    quick.length === 0
      ? 'full runs'
      : quick.length === shownResults.length
        ? 'quick runs'
        : `full runs, but quick ones of: ${quick.map(({ title }) => title).join(', ')}`
  const note = `Medians of ${sizes}. ${days}, ${shownResults[0]?.on}`
  let y = 8
  /** @type {string[]} */
  const placed = []
  for (let index = 0; index < drawn.length; index += 2) {
    const pair = drawn.slice(index, index + 2)
    pair.forEach(({ text }, column) => {
      placed.push(`<g transform="translate(${column * (panelWidth + gap)} ${y})">\n${text}\n</g>`)
    })
    y += Math.max(...pair.map(({ height }) => height))
  }
  placed.push(`<text class="note" y="${y + 4}">${escaped(note)}</text>`)
  const height = y + 16
  const label = 'Typewire beside ws, Socket.IO, tRPC, oRPC and Cap’n Web'
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
<style>${style}</style>
${placed.join('\n')}
</svg>
`
}
