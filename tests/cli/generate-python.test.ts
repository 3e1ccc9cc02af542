import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { canSkip, mypy, python } from './generate-python/python.ts'
import { generatePython, temporaryFolder } from './generate-python/generate.ts'

const fixture = 'tests/cli/generate-python/contract.ts'
const contracts = ['examples/chat/src/contract.ts', 'examples/ticker/src/contract.ts', fixture]
const scenarios = fileURLToPath(new URL('generate-python/scenarios.py', import.meta.url))
const golden = fileURLToPath(new URL('golden/', import.meta.url))

describe('generate python', () => {
  test.each([
    ['chat', contracts[0]!],
    ['ticker', contracts[1]!],
    ['shapes', fixture],
  ])('writes the same typed module for %s', async (name, contract) => {
    const folder = temporaryFolder()
    await generatePython(contract, join(folder, `${name}.py`))
    const written = readFileSync(join(folder, `${name}.py`), 'utf8')
    const path = join(golden, `${name}.py`)
    if (process.env['UPDATE_GOLDEN']) {
      mkdirSync(golden, { recursive: true })
      writeFileSync(path, written)
    }
    expect(written).toBe(readFileSync(path, 'utf8'))
  })

  test('a folder is a package of the module and the runtime', async () => {
    const folder = join(temporaryFolder(), 'chat_client')
    await generatePython(contracts[0]!, folder)
    expect(readFileSync(join(folder, '__init__.py'), 'utf8')).toContain('from .chat import (')
    expect(readFileSync(join(folder, 'chat.py'), 'utf8')).toContain('from . import typewire_runtime as tw')
    expect(readFileSync(join(folder, 'typewire_runtime', 'client.py'), 'utf8')).toContain('class Client:')
  })

  test.skipIf(canSkip).each(contracts)('what is made of %s compiles without a warning', async (contract) => {
    const folder = temporaryFolder()
    await generatePython(contract, join(folder, 'made'))
    const compiled = spawnSync(python!, ['-W', 'error', '-m', 'compileall', '-q', folder], { encoding: 'utf8' })
    expect(compiled.stderr + compiled.stdout).toBe('')
    expect(compiled.status).toBe(0)
    const imported = spawnSync(python!, ['-B', '-W', 'error', '-c', 'import made'], { encoding: 'utf8', cwd: folder })
    expect(imported.stderr).toBe('')
  })

  test.skipIf(!mypy).each(contracts)('what is made of %s is typed', { timeout: 120_000 }, async (contract) => {
    const folder = temporaryFolder()
    await generatePython(contract, join(folder, 'made'))
    const isUsed = contract === fixture // by a program, which is typed as well
    if (isUsed) cpSync(scenarios, join(folder, 'scenarios.py'))
    const args = [
      '--strict',
      '--cache-dir',
      join(folder, 'cache'),
      '-p',
      'made',
      ...(isUsed ? ['-m', 'scenarios'] : []),
    ]
    const checked = spawnSync(mypy!, args, { encoding: 'utf8', cwd: folder })
    expect(checked.stdout).toMatch(/^Success/)
  })
})
