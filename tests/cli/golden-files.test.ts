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

const large = join(golden, 'large', 'typewire.json')

test.each(['typescript', 'python', 'docs', 'asyncapi', 'json-schema'])(
  'of 300 procedures, %s is the same each time',
  async (generator) => {
    const { path, read } = folderWith()
    const out = generator === 'typescript' ? 'made.js' : generator === 'python' ? 'made.py' : 'made'
    const { stderr, stdout } = await runCli(['generate', generator, large, '--out', out], { cwd: path })
    expect({ stderr, stdout }).toEqual({ stderr: '', stdout: expect.stringMatching(/^Written: /) as string })
    const first = read(out)
    await runCli(['generate', generator, large, '--out', out], { cwd: path })
    expect(read(out)).toBe(first)
    const again = await runCli(['generate', generator, large, '--out', out, '--check'], { cwd: path })
    expect(again).toMatchObject({ exitCode: 0, stdout: `${out} is up to date.\n` })
    expect(first.slice(0, 400), 'it begins with how it was made').toContain(`typewire generate ${generator}`)
  },
)
