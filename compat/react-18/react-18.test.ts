// The hooks do under React 18 what they do under React 19, which the other tests have.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Report {
  readonly numPassedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly message: string
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

test('all tests of the hooks pass', { timeout: 180_000 }, async () => {
  const { numPassedTests, testResults } = JSON.parse(await runTests()) as Report
  const failed = testResults.flatMap(({ assertionResults, message, name }) =>
    message === '' || assertionResults.length > 0
      ? assertionResults.filter(({ status }) => status !== 'passed').map(({ fullName }) => fullName)
      : [`${name}: ${message}`],
  )
  expect(failed).toEqual([])
  expect(numPassedTests).toBeGreaterThan(25)
})

function runTests(): Promise<string> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'compat/react-18/react-18.config.ts']
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, CI: '', EXPECTED_REACT: '18' } })
    let said = ''
    child.stdout.on('data', (data: Buffer) => (said += data.toString()))
    child.on('error', reject)
    child.on('close', () => resolve(said.slice(said.indexOf('{'))))
  })
}
