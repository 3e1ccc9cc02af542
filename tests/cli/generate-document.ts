import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { folderWith, type Ran, runCli } from './run-cli.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))

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
  generator: 'asyncapi' | 'docs',
  contract: string,
  options: readonly string[] = [],
): Promise<Generated> {
  const path = join(folderWith().path, generator === 'docs' ? 'index.html' : 'document.json')
  const { exitCode, stderr } = await runInRoot(['generate', generator, contract, '--out', path, ...options])
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  return { text: readFileSync(path, 'utf8'), path }
}

/** Runs a command line as from the root of the repository. */
export const runInRoot = (args: readonly string[]): Promise<Ran> => runCli(args, { cwd: root })

/** Compares with a file of tests/cli/golden, which `UPDATE_GOLDEN=1` writes anew. */
export function expectGolden(text: string, name: string): void {
  const path = join(root, 'tests/cli/golden', name)
  if (process.env['UPDATE_GOLDEN']) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
  expect(text, `Is it meant to change? UPDATE_GOLDEN=1 writes ${name} anew.`).toBe(readFileSync(path, 'utf8'))
}
