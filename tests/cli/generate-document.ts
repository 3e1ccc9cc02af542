import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { run } from '@typewire/cli'
import { expect, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The contracts that documents are made of in tests, from the root of the repository. */
export const contracts = {
  chat: 'examples/chat/src/contract.ts',
  ticker: 'examples/ticker/src/contract.ts',
  documented: 'tests/cli/fixtures/documented.ts',
} as const

export interface Generated {
  readonly text: string
  readonly path: string
}

/** Runs `typewire generate …` and gives what it has written. */
export async function generateDocument(
  generator: string,
  contract: string,
  options: readonly string[] = [],
): Promise<Generated> {
  const folder = mkdtempSync(join(tmpdir(), 'typewire-documents-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, generator === 'docs' ? 'index.html' : 'document.json')
  const { exitCode, stderr } = await typewire(['generate', generator, contract, '--out', path, ...options])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return { text: readFileSync(path, 'utf8'), path }
}

/** Runs a command line as from the root of the repository. */
export async function typewire(args: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const written = { stdout: '', stderr: '' }
  const exitCode = await run(args, {
    stdin: Readable.from([]),
    stdout: { write: (text) => (written.stdout += text) },
    stderr: { write: (text) => (written.stderr += text) },
    cwd: root,
    env: {},
    signal: new AbortController().signal,
  })
  return { exitCode, ...written }
}

/** Compares with a file of tests/cli/golden, which `UPDATE_GOLDEN=1` writes anew. */
export async function expectGolden(text: string, name: string): Promise<void> {
  const path = join(root, 'tests/cli/golden', name)
  if (process.env['UPDATE_GOLDEN']) {
    await mkdir(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  expect(text, `Is it meant to change? UPDATE_GOLDEN=1 writes ${name} anew.`).toBe(readFileSync(path, 'utf8'))
}
