// What is made of the contracts of the examples, and of one of 300 procedures, is what it was.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { folderWith, runCli } from './run-cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const golden = fileURLToPath(new URL('./golden', import.meta.url))

const contracts = {
  chat: 'examples/chat/src/contract.ts',
  ticker: 'examples/ticker/src/contract.ts',
  'every-shape': 'tests/cli/fixtures/every-shape.ts',
  large: 'tests/cli/fixtures/large-contract.ts',
}

const commands = [
  ['typewire.json', ['snapshot']],
  ['contract.schema.json', ['generate', 'json-schema']],
] as const

const cases = Object.entries(contracts)
  .flatMap(([name, source]) => commands.map(([file, command]) => [name, file, command, source] as const))
  // Half a megabyte that says what its snapshot says.
  .filter(([name, file]) => name !== 'large' || file === 'typewire.json')

test.each(cases)(
  '%s: %s is what it was, and the same again. UPDATE_GOLDEN=1 writes it anew',
  async (name, file, command, source) => {
    const { path, read } = folderWith()
    for (const out of ['first', 'second']) {
      const { exitCode, stderr } = await runCli([...command, source, '--out', join(path, out)], { cwd: root })
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    }
    expect(read('second')).toBe(read('first'))
    const kept = join(golden, name, file)
    if (process.env['UPDATE_GOLDEN']) {
      mkdirSync(dirname(kept), { recursive: true })
      writeFileSync(kept, read('first'))
    }
    expect(read('first')).toBe(readFileSync(kept, 'utf8'))
  },
)
