// The tests bite: each rule that resume and recovery rest on is taken out of a copy of the sources in memory, and suites
// must fail on it. Those of this folder must pass on the sources as they are.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { mutants } from './mutants.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const timeout = 60_000

// Where the first test fails that runs, vitest's `bail` may end the run before the failure is in its report: then once more.
test.each(mutants)('the suites fail $name', { timeout, retry: 2 }, async ({ name, file, from }) => {
  expect(readFileSync(`${root}/${file}`, 'utf8').split(from), `${file} has the text once`).toHaveLength(2)
  const { code, said } = await runSuites(name)
  expect(said, 'tests failed, not the run').toMatch(/Tests +[1-9]\d* failed/)
  expect(code).toBe(1)
})

test('the suites pass on the sources as they are', { timeout }, async () => {
  expect(await runSuites('')).toMatchObject({ code: 0 })
})

function runSuites(mutant: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tests/resume/mutants.config.ts']
  const env = { ...process.env, TYPEWIRE_MUTANT: mutant, TYPEWIRE_WORLDS: '3', NO_COLOR: '1', CI: '' }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env })
    let said = ''
    child.stdout.on('data', (data: Buffer) => (said += data.toString()))
    child.stderr.on('data', (data: Buffer) => (said += data.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, said }))
  })
}
