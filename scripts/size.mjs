// Measures what the client adds to a page: bundles the built package for browsers, minified, and compares the sizes with
// the budgets below and with the figures in README.md and docs/client-size.md. `--write` puts the measured figures there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { lean, whole } from './client-entries.mjs'
import { fail, root } from './lib.mjs'

/**
 * What only the parts of a client hold: modules that must lie in no bundle without the part. By the names of its files.
 *
 * @type {Record<string, RegExp>}
 */
const modulesOf = {
  richTypes:
    /codec\/(encode-rich|encode-leaf|revive|reviver|iso-json|annotation-notes|typed-arrays)\.js|client\/dist\/outbox\.js/,
  rooms: /client\/dist\/rooms\//,
  namespaces: /client\/dist\/namespaces\/(client-|namespace-)/,
  streams: /client\/dist\/(streams|uploads|stream-span)\.js|session\/(inlet|outlet)\.js/,
  http: /client\/dist\/transports\/http-/,
  validation: /client\/dist\/local-validation\.js/,
}
/** The parts that a page is most likely to want one of come first. */
const parts = Object.keys(modulesOf)

/**
 * What is measured, each with its budget, in kilobytes of 1,000 bytes, minified and gzipped. Raise one only with a reason in
 * the commit. React itself is not counted: it is there. `used`: the parts that are in it, all where it does not say.
 *
 * @type {{ name: string, entry: string, budgetKb: number, used?: string[] }[]}
 */
const inReadme = [
  { name: '`createClient`, all included', entry: whole, budgetKb: 42.8 },
  {
    name: 'the same and all hooks for React',
    entry: `${whole}\nexport * from '@typewire/react'`,
    budgetKb: 46.6,
  },
  { name: '`createClient` of `@typewire/client/lean`, without parts', entry: lean(), budgetKb: 22.4, used: [] },
  { name: 'the same with `richTypes`', entry: lean('richTypes'), budgetKb: 28.7, used: ['richTypes'] },
  { name: 'the same with `rooms`', entry: lean('rooms'), budgetKb: 29.7, used: ['rooms'] },
]
const inPieces = [
  { name: 'without parts', entry: lean(), budgetKb: 22.4, used: [] },
  ...Object.entries({
    richTypes: 28.7,
    rooms: 29.7,
    namespaces: 26.3,
    streams: 25.2,
    http: 25.1,
    validation: 23,
  }).map(([part, budgetKb]) => ({ name: `\`${part}\` alone`, entry: lean(part), budgetKb, used: [part] })),
  { name: 'all parts', entry: lean(...parts), budgetKb: 44.2 },
]
// Of a module that is left out a constant or a small function may stay, which others use.
const maxLeftOverBytes = 100
// How far README.md's figures, which have one decimal, may be from the measured ones.
const tolerance = 0.02

/** @param {{ entry: string, used?: string[] }} bundled */
async function measure({ entry, used = parts }) {
  /** @param {boolean} minify */
  const bundle = (minify) =>
    build({
      stdin: { contents: entry, resolveDir: join(root, 'tests') },
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      logLevel: 'error',
      metafile: true,
      write: false,
      external: ['react'],
      minify,
    })
  const [raw, min] = await Promise.all([bundle(false), bundle(true)])
  const inputs = Object.keys(min.metafile.inputs)
  const unwanted = inputs.filter((path) => /node_modules\/(zod|ws)\//.test(path) || path.endsWith('-node.js'))
  if (unwanted.length > 0)
    fail('The client for browsers must hold neither zod nor ws nor anything for Node.', unwanted.join('\n'))
  // Not `inputs`: what was looked at and left out again is among these.
  const held = Object.values(min.metafile.outputs).flatMap(({ inputs: of }) =>
    Object.keys(of).filter((path) => (of[path]?.bytesInOutput ?? 0) > maxLeftOverBytes),
  )
  for (const part of parts.filter((name) => !used.includes(name))) {
    const found = held.filter((path) => modulesOf[part]?.test(path))
    if (found.length > 0) fail(`${entry} must hold nothing of the part ${part}.`, found.join('\n'))
  }
  if (inputs.some((path) => /packages\/\w+\/src\//.test(path))) fail('The bundle was made of sources, not of dist.')
  const code = min.outputFiles[0]?.contents ?? new Uint8Array()
  const outputs = Object.values(min.metafile.outputs)
  return {
    modules: outputs.flatMap(({ inputs: of }) =>
      Object.entries(of).map(([path, { bytesInOutput }]) => ({ path, kb: bytesInOutput / 1000 })),
    ),
    rawKb: (raw.outputFiles[0]?.contents.length ?? 0) / 1000,
    minKb: code.length / 1000,
    gzipKb: gzipSync(code, { level: 9 }).length / 1000,
  }
}

if (!existsSync(join(root, 'packages/client/dist/index.js'))) fail('The client is not built. Run: npm run build')
const row = (/** @type {number[]} */ ...sizes) => sizes.map((kb) => `${kb.toFixed(1)} kB`).join(' | ')

/**
 * Measures bundles, and compares them with their budgets and with what a document says of them.
 *
 * @param {string} document
 * @param {{ name: string, entry: string, budgetKb: number, used?: string[] }[]} bundles
 */
async function show(document, bundles) {
  const measured = []
  for (const bundle of bundles) measured.push({ ...bundle, ...(await measure(bundle)) })
  const table = [
    '| | bundled | minified | minified + gzip |',
    '|---|---:|---:|---:|',
    ...measured.map(({ name, rawKb, minKb, gzipKb }) => `| ${name} | ${row(rawKb, minKb, gzipKb)} |`),
  ].join('\n')
  console.log(`${document}\n${table}`)
  for (const { name, gzipKb, budgetKb } of measured) {
    if (gzipKb > budgetKb) fail(`${name}: ${gzipKb.toFixed(2)} kB are over the budget of ${budgetKb} kB.`)
  }

  const sizes = measured.flatMap(({ rawKb, minKb, gzipKb }) => [rawKb, minKb, gzipKb])
  compare({ document, marker: 'size', table, sizes })
}

/** What the client without parts consists of: each module counts where it is first found. */
const groups = Object.entries({
  'the session: numbers, acknowledgements, what is sent again after a lost connection or session':
    /session\/(session|send-buffer)|session-keeper|owed-acks|offline-events|waiting-/,
  'the connection: attempts, pauses, transports and the move between them, silence, the page that is left':
    /client\/dist\/(connection|transports|environment|platform)/,
  'calls, acks and their time limits': /core\/dist\/session|outgoing|emitted-event|time-limit|within|until|deadlines/,
  'frames, and the checks of what comes': /core\/dist\/protocol/,
  'verbs, handlers, and what says which part is missing':
    /verbs|handlers|scope|parts\/absent|compose-client|lean|no-answer/,
  'credentials and their renewal': /renewal|credentials/,
  'payloads as plain JSON': /codec/,
  'options, errors, stores and the like': /./,
})

/** Shows in a document what the client without parts consists of. */
async function showGroups(/** @type {string} */ document) {
  const { modules, minKb, gzipKb } = await measure({ entry: lean(), used: [] })
  const kbOf = new Map(groups.map(([name]) => [name, 0]))
  for (const { path, kb } of modules) {
    const [name = ''] = groups.find(([, pattern]) => pattern.test(path)) ?? []
    kbOf.set(name, (kbOf.get(name) ?? 0) + kb)
  }
  const rows = [...kbOf].map(([name, kb]) => ({ name, kb, shareKb: (kb / minKb) * gzipKb }))
  const table = [
    '| | minified | share of the gzip |',
    '|---|---:|---:|',
    ...rows.map(({ name, kb, shareKb }) => `| ${name} | ${row(kb, shareKb)} |`),
  ].join('\n')
  console.log(table)
  compare({ document, marker: 'modules', table, sizes: rows.flatMap(({ kb, shareKb }) => [kb, shareKb]) })
}

/**
 * Compares what a document says between markers with what was measured, or writes it there.
 *
 * @param {{ document: string, marker: string, table: string, sizes: number[] }} given
 */
function compare({ document, marker, table, sizes }) {
  const marked = new RegExp(`(<!-- ${marker}:start -->)([^]*?)(<!-- ${marker}:end -->)`)
  const file = join(root, document)
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const written = marked.exec(text)?.[2]
  if (written === undefined)
    fail(`${document} has no <!-- ${marker}:start --> … <!-- ${marker}:end --> to hold the figures.`)

  if (process.argv.includes('--write')) {
    writeFileSync(
      file,
      text.replace(marked, (_, start, _old, end) => `${start}\n\n${table}\n\n${end}`),
    )
    console.log(`${document} holds these figures now.`)
    return
  }
  const figures = [...written.matchAll(/([\d.]+) kB/g)].map(([, figure]) => Number(figure))
  const agrees = sizes.every((kb, index) => Math.abs((figures[index] ?? 0) - kb) <= kb * tolerance + 0.05)
  if (figures.length !== sizes.length || !agrees)
    fail(`The sizes in ${document} differ from these. Run: npm run size -- --write`)
}

await show('README.md', inReadme)
await show('docs/client-size.md', inPieces)
await showGroups('docs/client-size.md')
