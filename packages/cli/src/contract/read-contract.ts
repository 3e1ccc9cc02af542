import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type ContractSnapshot, describeContract, parseSnapshot, SnapshotError } from '@typewire/core/snapshot'
import { CliError, messageOf } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { findContract } from './find-contract.ts'
import { loadModule } from './load-module.ts'

/** The name of a snapshot's file, where none is given. */
export const snapshotFile = 'typewire.json'

export interface ReadOptions {
  /** The export of the module that is the contract. */
  readonly export?: string | undefined
  /** Told of each file that it is read from. */
  readonly onRead?: ((path: string) => void) | undefined
}

/**
 * Reads a contract wherever it is: a module, which is executed; a snapshot, a `.json` file; or a snapshot of a revision of git,
 * `git:main` or `git:v1.0:path/to/typewire.json`.
 * @throws CliError when it cannot be read, or described.
 */
export async function readContract(source: string, io: Io, options: ReadOptions = {}): Promise<ContractSnapshot> {
  if (source.startsWith('git:')) return readRevision(source, io)
  const path = resolve(io.cwd, source)
  if (!existsSync(path))
    throw new CliError(
      `There is no ${source} in ${io.cwd}. Give the path of a contract's module, or of a snapshot.`,
      exitCodes.unreadable,
    )
  if (statSync(path).isDirectory())
    throw new CliError(
      `${source} is a folder. Give the path of a contract's module, or of a snapshot.`,
      exitCodes.unreadable,
    )
  options.onRead?.(path)
  if (path.endsWith('.json')) return parse(readFileSync(path, 'utf8'), source)

  const { name, contract, schemaNames } = findContract(
    await loadModule(path, source, io.signal, options.onRead),
    options.export,
    source,
  )
  try {
    return await describeContract(contract, { name, schemaNames })
  } catch (error) {
    if (error instanceof SnapshotError)
      throw new CliError(`${source}: ${error.message}`, exitCodes.unreadable, { cause: error })
    throw error
  }
}

async function parse(text: string, where: string): Promise<ContractSnapshot> {
  try {
    return await parseSnapshot(text, where)
  } catch (cause) {
    throw new CliError(messageOf(cause), exitCodes.unreadable, { cause })
  }
}

async function readRevision(source: string, io: Io): Promise<ContractSnapshot> {
  const what = source.slice('git:'.length)
  const path = what.includes(':') ? what.slice(what.indexOf(':') + 1) : snapshotFile
  if (!path.endsWith('.json'))
    throw new CliError(
      `${source}: of a revision a snapshot is read, a .json file, as its modules are not installed. Make one there with typewire snapshot ${path}, and commit it; or make one of a checkout: git worktree add, then typewire snapshot.`,
      exitCodes.usage,
    )
  return parse(await showRevision(what, io), source)
}

/** Where a snapshot lies in a folder above, at a revision; `undefined` where there is none. */
async function snapshotAbove(revision: string, io: Io): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('git', ['rev-parse', '--show-cdup'], { cwd: io.cwd })
    const depth = stdout.trim().split('/').filter(Boolean).length
    for (let up = 1; up <= depth; up++) {
      const path = '../'.repeat(up) + snapshotFile
      const there = ['ls-tree', '--name-only', '--end-of-options', revision, path]
      const found = await promisify(execFile)('git', there, { cwd: io.cwd })
      if (found.stdout.trim() !== '') return path
    }
  } catch {} // there is no such revision
  return undefined
}

/** The text of a snapshot in a revision; its path is relative to the current folder, as all are. */
async function showRevision(what: string, io: Io): Promise<string> {
  const [, revision = '', path = snapshotFile] = /^([^:]*)(?::(.*))?$/.exec(what)!
  const shown = isAbsolute(path) ? relative(io.cwd, path) : path
  if (revision === '' || revision.startsWith('-'))
    throw new CliError(`git:${what} names no revision. Write git:main, or git:v1.0:${snapshotFile}.`, exitCodes.usage)
  try {
    const { stdout } = await promisify(execFile)('git', ['show', '--end-of-options', `${revision}:./${shown}`], {
      cwd: io.cwd,
      maxBuffer: maxSnapshotBytes,
    })
    return stdout
  } catch (cause) {
    const { stderr = '' } = cause as { stderr?: string }
    const above = shown === snapshotFile ? await snapshotAbove(revision, io) : undefined
    const advice =
      above === undefined
        ? `Commit a snapshot there (typewire snapshot), or give its path: git:${revision}:path/to/${snapshotFile}.`
        : `There is one in a folder above: git:${revision}:${above}.`
    throw new CliError(
      `git has no ${shown} at ${revision}: ${stderr.trim() || messageOf(cause)}\n${advice}`,
      exitCodes.unreadable,
      { cause },
    )
  }
}

/** A contract of 3,000 procedures takes 3 MB. */
const maxSnapshotBytes = 256 * 1024 * 1024
