import { existsSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { run } from '@typewire/cli'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { folderWith, runCli } from './run-cli.ts'
import { buildProgram, start } from './terminal-program.ts'

const limits = (max: number) => `export const max: number = ${max}\n`
const files = {
  'package.json': '{ "type": "module" }',
  'src/contract.ts': `import { defineContract, procedure } from '@typewire/core'
import { z } from 'zod'
import { max } from '../lib/limits.ts'
export const chat = defineContract({ procedures: { send: procedure({ input: z.string().max(max), output: z.string() }) } })
`,
  'lib/limits.ts': limits(5),
}

function project() {
  const folder = folderWith(files)
  const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))
  symlinkSync(modules, join(folder.path, 'node_modules'), 'junction')
  return folder
}

/** Runs `generate json-schema --watch`, until the test is over. */
async function watching(more: readonly string[] = []) {
  const { path, write } = project()
  const out = { stdout: '', stderr: '' }
  const into = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (out[name] += text), columns: 100 })
  const interrupt = new AbortController()
  const args = ['generate', 'json-schema', 'src/contract.ts', '--watch', '--out', 'src/made.json', ...more]
  const io = { stdin: Readable.from([]), stdout: into('stdout'), stderr: into('stderr'), cwd: path, env: {} }
  const ended = run(args, { ...io, signal: interrupt.signal })
  onTestFinished(async () => {
    interrupt.abort()
    await ended
  })
  await eventually(() => out.stderr.includes('Watching'), 'it watches')
  const made = () => (existsSync(join(path, 'src/made.json')) ? readFileSync(join(path, 'src/made.json'), 'utf8') : '')
  return { path, write, out, made, interrupt, ended }
}

describe('--watch', () => {
  test('says what it watches, and Ctrl-C ends it with 0', async () => {
    const { out, made, interrupt, ended } = await watching()
    expect(out.stderr).toBe('Watching src/contract.ts, and the files that it imports. Ctrl-C ends it.\n')
    expect(made()).toContain('"maxLength": 5')
    interrupt.abort()
    expect(await ended).toBe(0)
  })

  test.each(['src/contract.ts', 'lib/limits.ts'])('a change of %s in place is seen', async (name) => {
    const { path, out, made } = await watching()
    const text = readFileSync(join(path, name), 'utf8')
    writeFileSync(join(path, name), text.replace('max(max)', 'max(7)').replace('= 5', '= 7'))
    await eventually(() => made().includes('"maxLength": 7'), 'it is made anew')
    expect(out.stderr).not.toContain('cannot')
  })

  test('one that is put in the place of another is seen, again and again', async () => {
    const { path, made } = await watching()
    for (const max of [6, 7, 8]) {
      writeFileSync(join(path, 'lib/.limits.swp'), limits(max))
      renameSync(join(path, 'lib/.limits.swp'), join(path, 'lib/limits.ts'))
      await eventually(() => made().includes(`"maxLength": ${max}`), `it is made anew with ${max}`)
    }
  })

  test('what cannot be executed is said, and it goes on', async () => {
    const { write, out, made } = await watching()
    write('lib/limits.ts', 'export const max = ,')
    await eventually(() => out.stderr.includes('lib/limits.ts:1:'), 'it says the place')
    write('lib/limits.ts', limits(9))
    await eventually(() => made().includes('"maxLength": 9'), 'it is made anew')
  })

  test('what it makes is no change', async () => {
    const { write, out, made } = await watching()
    write('lib/limits.ts', limits(6))
    await eventually(() => made().includes('"maxLength": 6'), 'it is made anew')
    write('lib/limits.ts', limits(7))
    await eventually(() => made().includes('"maxLength": 7'), 'it is made anew')
    expect(out.stdout).toBe('Written: src/made.json\n'.repeat(3))
  })

  test.each([
    [['git:main'], 2, '--watch watches files, and git:main is of a revision. Leave it out.\n'],
    [['src/contract.ts', '--check'], 2, '--check looks once, --watch goes on: give one of them.\n'],
    [['nofolder/x.ts'], 3, 'There is no nofolder/x.ts in '],
    [['src'], 3, 'src is a folder.'],
  ])('%j is refused', async (args, exitCode, message) => {
    const ran = await runCli(['generate', 'docs', '--watch', ...args], { cwd: project().path })
    expect(ran).toMatchObject({ exitCode, stdout: '' })
    expect(ran.stderr).toContain(message)
  })

  test('a program that watches is ended by Ctrl-C', async () => {
    const program = await buildProgram()
    const { path } = project()
    const args = ['generate', 'docs', 'src/contract.ts', '--watch']
    const ran = start(process.execPath, [program.main, ...args], { cwd: path })
    await eventually(() => ran.err().includes('Watching'), 'it watches', 15_000)
    ran.child.kill('SIGINT')
    expect(await ran.ended).toBe(0)
  })
})
