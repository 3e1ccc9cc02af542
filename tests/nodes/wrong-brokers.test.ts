// The suite of brokers bites: it fails on each that is wrong in one thing.

import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { setups } from './wrong-brokers.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const failed = new Map<string, string[]>()

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[]
      readonly title: string
      readonly status: string
    }[]
  }[]
}

beforeAll(async () => {
  const { testResults } = JSON.parse(await runSuites()) as Report
  for (const { ancestorTitles, title, status } of testResults.flatMap(({ assertionResults }) => assertionResults)) {
    const broker = ancestorTitles[0]!
    if (!failed.has(broker)) failed.set(broker, [])
    if (status === 'failed') failed.get(broker)!.push(title)
  }
}, 120_000)

const [right, ...wrong] = setups.map(({ name }) => name)

test('passes on one that is right', () => {
  expect(failed.get(right!)).toEqual([])
})

test.each(wrong)('fails on one that %s', (name) => {
  expect(failed.get(name)).not.toEqual([])
  expect(failed.has(name)).toBe(true)
})

function runSuites(): Promise<string> {
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'tests/nodes/wrong-brokers.config.ts']
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, CI: '' } })
    let said = ''
    child.stdout.on('data', (data: Buffer) => (said += data.toString()))
    child.stderr.resume()
    child.on('error', reject)
    child.on('close', () => resolve(said.slice(said.indexOf('{'))))
  })
}
