// Measures what the client adds to a page: bundles the built package for browsers, minified, and compares the sizes with
// the budgets below and with the figures in README.md. `--write` puts the measured figures there.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { fail, root } from './lib.mjs'

/**
 * What is measured, each with its budget, in kilobytes of 1,000 bytes, minified and gzipped. Raise one only with a reason in
 * the commit. React itself is not counted: it is there.
 *
 * @type {{ name: string, entry: string, budgetKb: number }[]}
 */
const bundles = [
  { name: '`createClient`, all included', entry: "export { createClient } from '@typewire/client'", budgetKb: 42.5 },
  {
    name: 'the same and all hooks for React',
    entry: "export { createClient } from '@typewire/client'\nexport * from '@typewire/react'",
    budgetKb: 46,
  },
]
// How far README.md's figures, which have one decimal, may be from the measured ones.
const tolerance = 0.02

/** @param {string} entry */
async function measure(entry) {
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
  if (inputs.some((path) => /packages\/\w+\/src\//.test(path))) fail('The bundle was made of sources, not of dist.')
  const code = min.outputFiles[0]?.contents ?? new Uint8Array()
  return {
    rawKb: (raw.outputFiles[0]?.contents.length ?? 0) / 1000,
    minKb: code.length / 1000,
    gzipKb: gzipSync(code, { level: 9 }).length / 1000,
  }
}

if (!existsSync(join(root, 'packages/client/dist/index.js'))) fail('The client is not built. Run: npm run build')
const measured = []
for (const { name, entry, budgetKb } of bundles) measured.push({ name, budgetKb, ...(await measure(entry)) })

const row = (/** @type {number[]} */ ...sizes) => sizes.map((kb) => `${kb.toFixed(1)} kB`).join(' | ')
const table = [
  '| | bundled | minified | minified + gzip |',
  '|---|---:|---:|---:|',
  ...measured.map(({ name, rawKb, minKb, gzipKb }) => `| ${name} | ${row(rawKb, minKb, gzipKb)} |`),
].join('\n')
console.log(table)

for (const { name, gzipKb, budgetKb } of measured) {
  if (gzipKb > budgetKb) fail(`${name}: ${gzipKb.toFixed(1)} kB are over the budget of ${budgetKb} kB.`)
}

const readmeFile = join(root, 'README.md')
const marked = /(<!-- size:start -->)([^]*?)(<!-- size:end -->)/
const readme = existsSync(readmeFile) ? readFileSync(readmeFile, 'utf8') : ''
const written = marked.exec(readme)?.[2]
if (written === undefined) fail('README.md has no <!-- size:start --> … <!-- size:end --> to hold the figures.')

if (process.argv.includes('--write')) {
  writeFileSync(
    readmeFile,
    readme.replace(marked, (_, start, _old, end) => `${start}\n\n${table}\n\n${end}`),
  )
  console.log('README.md holds these figures now.')
} else {
  const figures = [...written.matchAll(/([\d.]+) kB/g)].map(([, figure]) => Number(figure))
  const sizes = measured.flatMap(({ rawKb, minKb, gzipKb }) => [rawKb, minKb, gzipKb])
  const agrees = sizes.every((kb, index) => Math.abs((figures[index] ?? 0) - kb) <= kb * tolerance + 0.05)
  if (figures.length !== sizes.length || !agrees)
    fail('The sizes in README.md differ from these. Run: npm run size -- --write')
}
