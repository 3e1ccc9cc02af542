import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { run } from '../../../packages/cli/src/program.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'typewire-python-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs `typewire generate python` in the root of the repository. @throws Error with what it says where it fails. */
export async function generatePython(contract: string, out: string): Promise<void> {
  let said = ''
  const output = { write: (text: string) => void (said += text) }
  const io = {
    stdin: new PassThrough(),
    stdout: output,
    stderr: output,
    cwd: root,
    env: {},
    signal: new AbortController().signal,
  }
  const exitCode = await run(['generate', 'python', contract, '--out', out], io)
  if (exitCode !== 0) throw new Error(`It ended with ${exitCode}: ${said}`)
}
