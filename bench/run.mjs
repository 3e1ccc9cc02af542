// Measures Typewire beside its peers. usage: npm run bench -- [--quick] [--only calls,fan-out] [--peers typewire,ws] [--write]
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { peers as allPeers } from './peers/index.mjs'
import { knownFailure } from './known-failures.mjs'
import { pictureOf } from './picture.mjs'
import { endAll } from './process/child.mjs'
import { resultOf, tableOf } from './report.mjs'
import { Labs, measureAlone, measureInRounds } from './rounds.mjs'
import { loneScenarios, peerScenarios } from './scenarios/index.mjs'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    peers: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
})
const size = options.quick ? 'quick' : 'full'

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.on(signal, () => {
    endAll()
    process.exit(130)
  })
}

/**
 * Those that are named, or whose names begin so.
 *
 * @template {{ name: string }} T
 * @param {readonly T[]} all
 * @param {string | undefined} names
 */
function chosen(all, names) {
  if (names === undefined) return all
  const wanted = names.split(',').flatMap((name) => {
    const exact = all.filter((each) => each.name === name)
    const found = exact.length > 0 ? exact : all.filter((each) => each.name.startsWith(name))
    if (found.length > 0) return found
    console.error(`There is no ${name}: give some of ${all.map((each) => each.name).join(', ')}.`)
    process.exit(1)
  })
  return all.filter((each) => wanted.includes(each))
}
const peers = chosen(allPeers, options.peers)
const scenarios = chosen([...peerScenarios, ...loneScenarios], options.only)

const resultsFile = new URL('../docs/bench/results.json', import.meta.url)
/**
 * Puts it in the place of what was measured before of the same scenario, and draws the picture anew.
 *
 * @param {import('./report.mjs').Result} result
 */
function save(result) {
  /** @type {import('./report.mjs').Measured[]} */
  const before = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : []
  const measured = { ...result, size, on: machine, day: new Date().toISOString().slice(0, 10) }
  const results = [...peerScenarios, ...loneScenarios].flatMap(({ name }) =>
    name === result.name ? [measured] : before.filter((each) => each.name === name),
  )
  mkdirSync(new URL('.', resultsFile), { recursive: true })
  writeFileSync(resultsFile, `${JSON.stringify(results, undefined, 2)}\n`)
  writeFileSync(new URL('results.svg', resultsFile), pictureOf(results))
}

const say = (/** @type {string} */ line) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}

const [cpu] = cpus()
const machine = `Node ${process.version}, ${cpus().length} × ${cpu?.model ?? 'unknown'}, ${process.platform} ${process.arch}`
console.log(machine)
console.log('Medians of the rounds (least–most); × of Typewire in the same round.')
const labs = new Labs()
for (const scenario of scenarios) {
  const { rounds, failures } =
    'measure' in scenario
      ? await measureInRounds(scenario, { peers, size, labs, say })
      : await measureAlone(scenario, { peers, size, say })
  // Quick: all in the same processes, which need not be warmed up again.
  if (!options.quick) await labs.endAll()
  const result = resultOf(scenario, rowsOf(scenario, rounds), rounds, failures)
  say('')
  console.log(tableOf(result))
  for (const row of result.rows) {
    if (row.failure === undefined) continue
    const known = knownFailure(scenario.name, row)
    if (known) console.log(`  This is known: ${known.because}.`)
    else process.exitCode = 1
  }
  if (options.write) save(result)
}
await labs.endAll()

/**
 * The peers that a scenario is about, those that cannot take part included; else what it has measured.
 *
 * @param {(typeof scenarios)[number]} scenario
 * @param {import('./rounds.mjs').Rounds} rounds
 */
function rowsOf(scenario, rounds) {
  if ('measure' in scenario) return peers.filter(({ over }) => (scenario.over ?? over) === over)
  return [...rounds.keys()].map((name) => peers.find((peer) => peer.name === name) ?? { name, label: name })
}
