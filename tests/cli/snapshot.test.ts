import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { folderWith, runCli } from './run-cli.ts'

const contract = (more = '') => `
import { defineContract, procedure } from '@typewire/core'
import { z } from 'zod'
import { limits } from './limits.ts'
export const Message = z.object({ id: z.string(), sentAt: z.date() })
export const chat = defineContract({
  procedures: { send: procedure({ input: z.string().max(limits.text), output: Message }) },
})
${more}`
const limits = 'export enum Limit { Text = 5 }\nexport const limits = { text: Limit.Text as number }\n'

/** A project that has installed zod and Typewire. */
function project(files: Record<string, string> = {}) {
  const folder = folderWith({
    'package.json': '{ "type": "module" }',
    'contract.ts': contract(),
    'limits.ts': limits,
    ...files,
  })
  symlinkSync(
    fileURLToPath(new URL('../../node_modules', import.meta.url)),
    join(folder.path, 'node_modules'),
    'junction',
  )
  return { ...folder, typewire: (...args: string[]) => runCli(args, { cwd: folder.path }) }
}

test('a module in TypeScript is executed, with what it imports, and described', async () => {
  const { typewire, read } = project()
  const { exitCode, stdout, stderr } = await typewire('snapshot', 'contract.ts')
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).toMatch(/^typewire\.json is written: contract chat [\w-]{22}\n$/)
  const snapshot = JSON.parse(read('typewire.json')) as { procedures: unknown; $defs: unknown }
  expect(snapshot).toMatchObject({
    typewire: 1,
    name: 'chat',
    procedures: { send: { input: { type: 'string', maxLength: 5 }, output: { $ref: '#/$defs/Message' } } },
    $defs: { Message: { properties: { sentAt: { 'x-typewire-type': 'Date' } } } },
  })
})

test('written again it is the same, and left alone', async () => {
  const { typewire, read } = project()
  await typewire('snapshot', 'contract.ts')
  const first = read('typewire.json')
  expect((await typewire('snapshot', 'contract.ts')).stdout).toMatch(/^typewire\.json was up to date/)
  expect(read('typewire.json')).toBe(first)
  const { stdout } = await typewire('snapshot', 'contract.ts', '--out', '-')
  expect(stdout).toBe(first)
})

test('--check says whether it is up to date, and writes nothing', async () => {
  const { typewire, write, path } = project()
  const missing = await typewire('snapshot', 'contract.ts', '--check')
  expect(missing).toEqual({
    exitCode: 1,
    stdout: '',
    stderr:
      'typewire.json is not up to date with contract.ts. Run: typewire snapshot contract.ts --out typewire.json\n',
  })
  expect(existsSync(join(path, 'typewire.json'))).toBe(false)
  await typewire('snapshot', 'contract.ts')
  expect(await typewire('snapshot', 'contract.ts', '--check')).toMatchObject({
    exitCode: 0,
    stdout: 'typewire.json is up to date.\n',
  })
  write('limits.ts', limits.replace('5', '6'))
  expect(await typewire('snapshot', 'contract.ts', '--check'), 'what is imported is read anew').toMatchObject({
    exitCode: 1,
  })
})

test.each([
  ['no file', {}, ['no.ts'], 3, 'There is no no.ts in '],
  ['a folder', {}, ['.'], 3, '. is a folder. Give the path of a contract'],
  [
    'a module without a contract',
    { 'contract.ts': 'export const x = 1' },
    ['contract.ts'],
    3,
    'contract.ts exports no contract. Export what defineContract gives: export const chat = defineContract({ … }).',
  ],
  [
    'a module that throws',
    { 'contract.ts': 'throw new Error("no DATABASE_URL")' },
    ['contract.ts'],
    3,
    'contract.ts cannot be executed: no DATABASE_URL\nA contract module is executed: it must not need a server, a browser, or variables of the environment.',
  ],
  [
    'a module that imports what is not there',
    { 'contract.ts': 'import "not-installed"' },
    ['contract.ts'],
    3,
    'what it imports must be installed',
  ],
  [
    'two contracts',
    { 'contract.ts': contract('export const other = defineContract({})') },
    ['contract.ts'],
    2,
    'contract.ts exports several contracts: chat, other. Say which: --export chat.',
  ],
  [
    'a name that is none',
    {},
    ['contract.ts', '--export', 'Message'],
    3,
    'contract.ts has no contract of the name Message. It exports chat.',
  ],
  [
    'what cannot be described',
    { 'contract.ts': contract().replace('output: Message', 'output: z.string().transform(Number)') },
    ['contract.ts'],
    3,
    'contract.ts: The contract has a schema that cannot be described:\n  procedures.send.output: what comes out of a transform',
  ],
  ['a snapshot that is none', { 'other.json': '{}' }, ['other.json'], 3, 'other.json is no snapshot of a contract'],
  ['a snapshot that is not JSON', { 'other.json': '{' }, ['other.json'], 3, 'other.json is not JSON.'],
  [
    'a snapshot of another version',
    { 'other.json': '{"typewire":2}' },
    ['other.json'],
    3,
    'other.json is of version 2 of the format',
  ],
  ['a file that cannot be written', { 'a/b': '' }, ['contract.ts', '--out', 'a/b/c.json'], 3, 'Cannot write: '],
])('%s is said, with what to do, and nothing is written', async (_, files, args, exitCode, message) => {
  const { typewire, path } = project(files)
  const ran = await typewire('snapshot', ...args)
  expect(ran).toMatchObject({ exitCode, stdout: '' })
  expect(ran.stderr).toContain(message)
  expect(readdirSync(path)).not.toContain('typewire.json')
})

test('one of several contracts is chosen by its name; one that is exported twice is one', async () => {
  const { typewire, read } = project({
    'contract.ts': contract('export default chat\nexport const other = defineContract({})'),
  })
  await typewire('snapshot', 'contract.ts', '--export', 'other')
  expect(JSON.parse(read('typewire.json'))).toEqual({
    typewire: 1,
    name: 'other',
    fingerprint: expect.any(String) as string,
  })
  const alone = project({ 'contract.ts': contract('export default chat') })
  expect((await alone.typewire('snapshot', 'contract.ts')).stdout).toContain('contract chat ')
})

test('a snapshot is read from a revision of git, relative to the folder that one is in', async () => {
  const { typewire, path, write, read } = project()
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: path, stdio: 'pipe' })
  git('init', '--quiet')
  await typewire('snapshot', 'contract.ts')
  const first = read('typewire.json')
  git('add', 'typewire.json')
  git('commit', '--quiet', '-m', 'first')
  write('typewire.json', '{}')
  expect((await typewire('snapshot', 'git:HEAD', '--out', '-')).stdout).toBe(first)
  expect((await typewire('snapshot', 'git:HEAD:typewire.json', '--out', '-')).stdout).toBe(first)
  expect(await typewire('snapshot', 'git:nowhere')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('git has no typewire.json at nowhere') as string,
  })
  expect(await typewire('snapshot', 'git:--output=x')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('names no revision') as string,
  })
})

test('from a folder below, a snapshot of a revision is named where it lies; a module is not read from one', async () => {
  const { typewire, path } = project({ 'a/b/c.txt': '' })
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: path, stdio: 'pipe' })
  git('init', '--quiet')
  await typewire('snapshot', 'contract.ts')
  git('add', 'typewire.json', 'contract.ts')
  git('commit', '--quiet', '-m', 'first')
  const below = (...args: string[]) => runCli(args, { cwd: join(path, 'a/b') })
  expect(await below('snapshot', 'git:HEAD')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringMatching(
      /\nThere is one in a folder above: git:HEAD:\.\.\/\.\.\/typewire\.json\.\n$/,
    ) as string,
  })
  expect(await below('snapshot', 'git:HEAD:../../typewire.json', '-o', '-')).toMatchObject({ exitCode: 0 })
  const ofModule = await below('snapshot', 'git:HEAD:../../contract.ts')
  expect(ofModule.exitCode).toBe(2)
  expect(ofModule.stderr).toContain('of a revision a snapshot is read')
  expect(ofModule.stderr).toContain('typewire snapshot ../../contract.ts')
})

test('generate -o - prints what is one file', async () => {
  const { typewire, path, read } = project()
  await typewire('generate', 'docs', 'contract.ts', '-o', 'made.html')
  const printed = await typewire('generate', 'docs', 'contract.ts', '-o', '-')
  expect(printed).toEqual({ exitCode: 0, stdout: read('made.html'), stderr: '' })
  const several = await typewire('generate', 'python', 'contract.ts', '-o', '-')
  expect(several).toMatchObject({ exitCode: 2, stdout: '' })
  expect(several.stderr).toContain('generate python makes several files')
  expect(await typewire('generate', 'docs', 'contract.ts', '-o', '-', '--watch')).toMatchObject({
    exitCode: 2,
    stderr: '--watch is of files, and --out - makes none.\n',
  })
  expect(readdirSync(path)).not.toContain('-')
})

test.each([
  ['snapshot'],
  ['check'],
  ...['asyncapi', 'docs', 'json-schema', 'python', 'typescript'].map((name) => ['generate', name]),
])('%s --help breaks no line in mid-sentence', async (...command) => {
  const { stdout } = await runCli([...command, '--help'], { cwd: folderWith().path })
  const description = stdout.split('\n\n')[1]!.split('\n')
  for (const [index, line] of description.slice(0, -1).entries())
    expect(`${line} ${description[index + 1]!.split(' ')[0]}`.length).toBeGreaterThan(100)
})

test('a wrong command line says what there is', async () => {
  const { typewire } = project()
  expect(await typewire('snapshoot')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("unknown command 'snapshoot'\n(Did you mean snapshot?)") as string,
  })
  expect(await typewire('snapshot')).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("missing required argument 'module'") as string,
  })
  expect(await typewire('snapshot', '--help')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('typewire snapshot src/contract.ts --check') as string,
  })
})
