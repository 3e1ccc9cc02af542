import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root, without a slash at the end. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '')

/** Every document of the repository, by its path from the root: `docs/errors.md`. */
export function documents(folder = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return /^(node_modules|dist|coverage|\..*)$/.test(entry.name) ? [] : documents(path)
    return entry.name.endsWith('.md') ? [relative(root, path).replaceAll(sep, '/')] : []
  })
}

export function readDocument(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** What a document shows between `<!-- name:start -->` and `<!-- name:end -->`. */
function shown(path: string, name: string): string {
  const text = pattern(name).exec(readDocument(path))?.[2]
  if (text === undefined) throw new Error(`${path} has no <!-- ${name}:start --> … <!-- ${name}:end -->.`)
  return text.trim()
}

/**
 * What a document shows, to be compared with what was made from the code. With `UPDATE_DOCUMENTS=1 npx vitest run
 * tests/documents` that is written there first.
 */
export function updated(path: string, name: string, text: string): string {
  if (process.env['UPDATE_DOCUMENTS']) {
    const replaced = readDocument(path).replace(pattern(name), (_, start, _old, end) => `${start}\n\n${text}\n\n${end}`)
    writeFileSync(join(root, path), replaced)
  }
  return shown(path, name)
}

const pattern = (name: string) => new RegExp(`(<!-- ${name}:start -->)([^]*?)(<!-- ${name}:end -->)`)

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}

/** Text without its code blocks, line for line. */
export function withoutCode(text: string): string {
  return text.replaceAll(/^(```|~~~)[^]*?^\1.*$/gm, (block) => block.replaceAll(/[^\n]/g, ''))
}
