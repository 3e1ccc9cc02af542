import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Files } from './write-files.ts'

/**
 * What the same generator once wrote into a folder, and does not write any more: it would still be imported. Files that do not
 * begin with how they were made are somebody's own. Of an `out` that is a file nothing is known: what lies beside it may be
 * another contract's.
 */
export function leftOver(files: Files, out: string, how: string, cwd: string): readonly string[] {
  if (Object.hasOwn(files, out)) return []
  const made = new Set(Object.keys(files).map((path) => resolve(cwd, path)))
  return entriesOf(resolve(cwd, out))
    .map((name) => join(out, name))
    .filter((path) => !made.has(resolve(cwd, path)) && readFileSync(resolve(cwd, path), 'utf8').startsWith(how))
}

function entriesOf(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort()
  } catch {
    return []
  }
}
