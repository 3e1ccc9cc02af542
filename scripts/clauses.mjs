// Checks PROTOCOL.md's clauses against tests and sources: each clause is cited by a test, each citation exists.
// A clause is a list item or a paragraph that begins with its id in bold (**HS-1**); a citation is the id as a word.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fail, root } from './lib.mjs'

const protocolFile = join(root, 'PROTOCOL.md')
if (!existsSync(protocolFile)) fail('There is no PROTOCOL.md to take clauses from.')

/** @type {string[]} */
const problems = []
const protocol = readFileSync(protocolFile, 'utf8').replaceAll(/^(```|~~~)[^]*?^\1/gm, (block) =>
  block.replaceAll(/[^\n]/g, ''),
)

/** @type {Map<string, number>} */
const lineOfClause = new Map()
for (const [index, line] of protocol.split('\n').entries()) {
  const id = /^\s*(?:[-*+]\s+|\d+[.)]\s+)?\*\*([A-Z]{2,}-\d+)\*\*/.exec(line)?.[1]
  if (!id) continue
  const earlier = lineOfClause.get(id)
  if (earlier) problems.push(`PROTOCOL.md:${index + 1}: ${id} is already the clause of line ${earlier}.`)
  else lineOfClause.set(id, index + 1)
}
if (lineOfClause.size === 0)
  fail('PROTOCOL.md has no clause: a list item or a paragraph that begins with **HS-1** or the like.')

// Only the prefixes that clauses use are taken for citations: SHA-256 and UTF-8 are words like others.
const prefixes = new Set([...lineOfClause.keys()].map((id) => id.replace(/-\d+$/, '')))

/** @type {Set<string>} */
const tested = new Set()
/**
 * @param {string} text
 * @param {string} file
 */
function cite(text, file) {
  for (const [index, line] of text.split('\n').entries()) {
    for (const [id, prefix = ''] of line.matchAll(/(?<![\w-])([A-Z]{2,})-\d+(?![\w-])/g)) {
      if (!prefixes.has(prefix)) continue
      if (!lineOfClause.has(id)) problems.push(`${file}:${index + 1}: ${id} is no clause of PROTOCOL.md.`)
      else if (file.endsWith('.test.ts')) tested.add(id)
    }
  }
}

cite(protocol, 'PROTOCOL.md')
for (const folder of ['packages', 'examples', 'tests']) {
  for (const file of sourceFiles(join(root, folder))) cite(readFileSync(file, 'utf8'), relative(root, file))
}
for (const [id, line] of lineOfClause) {
  if (!tested.has(id)) problems.push(`PROTOCOL.md:${line}: ${id} is cited by no test.`)
}

if (problems.length > 0) fail(`${problems.length} problems with the clauses of PROTOCOL.md.`, problems.join('\n'))
console.log(`${lineOfClause.size} clauses, each cited by a test.`)

/**
 * The files in TypeScript and Python below a folder, without what was installed or built.
 *
 * @param {string} folder
 * @returns {string[]}
 */
function sourceFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['node_modules', 'dist', '.turbo'].includes(entry.name) ? [] : sourceFiles(path)
    return /\.(tsx?|py)$/.test(entry.name) ? [path] : []
  })
}
