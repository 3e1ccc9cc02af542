import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type ExitCode, run } from '@typewire/cli'
import { onTestFinished } from 'vitest'

// What contract modules import of Typewire is its source here, as for all tests: nothing is built before them.
process.env['JITI_ALIAS'] = JSON.stringify({
  '@typewire/core': fileURLToPath(new URL('../../packages/core/src/index.ts', import.meta.url)),
})

/** A folder of its own for the test that is running, with these files in it. */
export function folderWith(files: Readonly<Record<string, string>> = {}) {
  const path = mkdtempSync(join(tmpdir(), 'typewire-cli-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  for (const [name, text] of Object.entries(files)) write(name, text)
  return { path, write, read: (name: string) => readFileSync(join(path, name), 'utf8') }
}

export interface Ran {
  readonly exitCode: ExitCode
  readonly stdout: string
  readonly stderr: string
}

/** Runs one command line in this process. `signal`: Ctrl-C. */
export async function runCli(
  args: readonly string[],
  {
    cwd,
    stdin = '',
    env = {},
    signal = new AbortController().signal,
  }: { cwd: string; stdin?: string; env?: Record<string, string>; signal?: AbortSignal },
): Promise<Ran> {
  const out = { stdout: '', stderr: '' }
  const into = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (out[name] += text), columns: 100 })
  const io = { stdin: Readable.from([stdin]), stdout: into('stdout'), stderr: into('stderr'), cwd, env, signal }
  const exitCode = await run(args, io)
  return { exitCode, ...out }
}
