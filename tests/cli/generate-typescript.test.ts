import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import { folderWith, runCli } from './run-cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const golden = fileURLToPath(new URL('./golden', import.meta.url))

const contracts = {
  chat: 'examples/chat/src/contract.ts',
  ticker: 'examples/ticker/src/contract.ts',
  'every-shape': 'tests/cli/fixtures/every-shape.ts',
  large: 'tests/cli/fixtures/large-contract.ts',
}
const names = Object.keys(contracts) as (keyof typeof contracts)[]

/** Generates into a folder of its own. The paths of contracts begin at the repository's root. */
async function generate(source: string, out: string, ...options: string[]) {
  const folder = folderWith()
  const ran = await runCli(['generate', 'typescript', source, '--out', join(folder.path, out), ...options], {
    cwd: root,
  })
  return { ...ran, ...folder, out: join(folder.path, out) }
}

describe.each(names)('of the contract %s', (name) => {
  test('it is what it was. UPDATE_GOLDEN=1 writes it anew', async () => {
    const { read, stderr, exitCode } = await generate(contracts[name], `${name}.js`)
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
    for (const file of [`${name}.js`, `${name}.d.ts`]) {
      const path = join(golden, name, file)
      if (process.env['UPDATE_GOLDEN']) {
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, read(file))
      }
      expect(read(file)).toBe(readFileSync(path, 'utf8'))
    }
  })

  test('the snapshot gives the same, but for what it was made from', async () => {
    const { path, read } = folderWith()
    await runCli(['snapshot', contracts[name], '--out', join(path, 'typewire.json')], { cwd: root })
    await runCli(['generate', 'typescript', 'typewire.json', '--out', `${name}.js`], { cwd: path })
    for (const file of [`${name}.js`, `${name}.d.ts`]) {
      const [how, ...rest] = read(file).split('\n')
      expect(how).toBe('// Made by: typewire generate typescript typewire.json')
      expect(rest).toEqual(
        readFileSync(join(golden, name, file), 'utf8')
          .split('\n')
          .slice(1),
      )
    }
  })

  test('it imports the client alone', () => {
    for (const file of [`${name}.js`, `${name}.d.ts`]) {
      const text = readFileSync(join(golden, name, file), 'utf8')
      const imported = [...text.matchAll(/\bfrom '([^']+)'|\bimport\(|\brequire\(/g)].map(([, from]) => from)
      expect(imported).toEqual(['@typewire/client'])
      expect(text).not.toMatch(/\bzod\b|~standard|\bany\b/)
    }
  })

  test('nothing else is in a bundle of it', async () => {
    const { metafile } = await build({
      entryPoints: [join(golden, name, `${name}.js`)],
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      platform: 'browser',
      conditions: ['@typewire/source'],
      logLevel: 'error',
    })
    const others = Object.keys(metafile.inputs).filter((path) => !/^packages\/(core|client)\/src\//.test(path))
    expect(others).toEqual([`tests/cli/golden/${name}/${name}.js`])
    expect(Object.keys(metafile.inputs).filter((path) => path.includes('/snapshot/'))).toEqual([])
  })
})

describe('the command', () => {
  const chat = contracts.chat

  test('leaves alone what is up to date, and says so', async () => {
    const { out } = await generate(chat, 'chat.js')
    const again = await runCli(['generate', 'typescript', chat, '--out', out], { cwd: root })
    expect(again).toEqual({ exitCode: 0, stdout: `${out} was up to date.\n`, stderr: '' })
  })

  test('--check finds either file that is not up to date', async () => {
    const { out, write, read } = await generate(chat, 'chat.js')
    const check = () => runCli(['generate', 'typescript', chat, '--out', out, '--check'], { cwd: root })
    expect((await check()).exitCode).toBe(0)
    write('chat.d.ts', read('chat.d.ts').replace('sentAt: Date', 'sentAt: string'))
    const { exitCode, stderr } = await check()
    expect(exitCode).toBe(1)
    expect(stderr).toContain('chat.d.ts')
    expect(read('chat.d.ts')).toContain('sentAt: string')
  })

  test('--name says what the contract is called, and that it was said', async () => {
    const { read } = await generate(chat, 'client.js', '--name', 'support')
    expect(read('client.js')).toMatch(/^\/\/ Made by: typewire generate typescript \S+ --name support\n/)
    expect(read('client.js')).toContain('export function createSupportClient(options)')
    expect(read('client.d.ts')).toContain('export interface Support extends Contract<{')
  })

  test('a contract that is called chatContract gives a Chat', async () => {
    const { read } = await generate(chat, 'client.js', '--name', 'chatContract')
    expect(read('client.js')).toContain('export function createChatClient(options)')
  })

  test('--lean takes the client in parts', async () => {
    const { read } = await generate(chat, 'chat.js', '--lean')
    expect(read('chat.js')).toContain("import { createClient } from '@typewire/client/lean'")
    expect(read('chat.d.ts')).toContain("import type { LeanClientOptions } from '@typewire/client/lean'")
    expect(read('chat.d.ts')).toContain('export type ChatClientOptions = LeanClientOptions<Chat>')
  })

  test('an .mjs has its declarations in a .d.mts', async () => {
    const { read } = await generate(chat, 'deep/chat.mjs')
    expect(read('deep/chat.mjs')).toContain('createChatClient')
    expect(read('deep/chat.d.mts')).toContain('createChatClient')
  })

  test.each(['chat.ts', 'chat.d.ts', 'chat'])('--out %s is refused, with what to give', async (out) => {
    const { exitCode, stderr } = await generate(chat, out)
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/is no name of a module\. .*: --out \S+\/chat\.js\n$/)
  })

  test('--help shows how it is used', async () => {
    const { stdout, exitCode } = await runCli(['generate', 'typescript', '--help'], { cwd: root })
    expect(exitCode).toBe(0)
    expect(stdout).toContain('typewire generate typescript src/contract.ts --out src/generated/chat.js')
    expect(stdout).toContain('--lean')
  })
})
