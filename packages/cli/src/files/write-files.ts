import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { CliError, messageOf } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'

/** The texts of files, by their paths. */
export type Files = Readonly<Record<string, string>>

/**
 * Writes files whole or not at all: each is written beside its place and then moved there, and all in one step, so that Ctrl-C
 * comes before or behind. Gives the paths of those that were not like that before; the others are left alone.
 * @throws CliError when one cannot be written.
 */
export function writeFiles(files: Files, cwd: string): readonly string[] {
  const changed = changedFiles(files, cwd)
  const beside: [written: string, path: string][] = []
  try {
    for (const path of changed) {
      const place = resolve(cwd, path)
      makeFolder(dirname(place))
      beside.push([`${place}.${process.pid}.tmp`, place])
      writeFileSync(`${place}.${process.pid}.tmp`, files[path]!)
    }
    for (const [written, place] of beside) renameSync(written, place)
  } catch (cause) {
    for (const [written] of beside) remove(written)
    throw new CliError(`Cannot write: ${messageOf(cause)}`, exitCodes.unreadable, { cause })
  }
  return changed
}

/** Why a file could not be written says more than why it cannot be taken away. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {}
}

/** One by one: Node's own way tries for ever where the system says of a folder that is there that it is not, as in /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  mkdirSync(path)
}

/** Which of the files are not there, or not like that. */
export function changedFiles(files: Files, cwd: string): readonly string[] {
  return Object.keys(files).filter((path) => readOr(resolve(cwd, path)) !== files[path])
}

function readOr(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
