import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { snapshotText } from '@typewire/core/snapshot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../../packages/cli/src/program.ts'
import { snapshotOf } from './contracts.ts'

const schemas = `
  const Person = z.object({ id: z.string(), name: z.string().max(50) })
  const Message = z.object({ id: z.string(), author: Person, text: z.string(), sentAt: z.date() })`
const before = `
  procedures: {
    send: procedure({ input: z.object({ text: z.string().max(200), tone: z.enum(['calm', 'loud']).optional() }), output: Message }),
    last: procedure({ output: z.array(Message), errors: { GONE: z.object({}) } }),
  },
  rooms: { chat: room({ params: z.object({ id: z.string() }), events: { toClient: { message: event(Message), typing: event(Person) } } }) },`
const changed = [
  ['max(200)', 'max(100)'],
  ["'calm', 'loud'", "'calm'"],
  ['sentAt: z.date()', 'sentAt: z.string()'],
  ['max(50)', 'max(80)'],
  ['event(Message)', "event(Message, { delivery: 'volatile' })"],
  [', typing: event(Person)', ''],
  ['GONE', 'AWAY'],
] as const

const replaced = (text: string) => changed.reduce((now, [old, other]) => now.replace(old, other), text)
/** The members of a contract, with schemas before them. */
const contractOf = (head: string, members: string) => `...(() => { ${head}; return { ${members} } })()`

let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'typewire-check-'))
  const old = await snapshotOf(contractOf(schemas, before))
  const now = await snapshotOf(contractOf(replaced(schemas), replaced(before)))
  const wider = await snapshotOf(contractOf(schemas, before.replace('max(200)', 'max(300)')))
  const risky = await snapshotOf(contractOf(schemas, before.replace(', typing: event(Person)', '')))
  for (const [name, snapshot] of Object.entries({ old, now, wider, risky }))
    writeFileSync(join(folder, `${name}.json`), snapshotText(snapshot))
})
afterAll(() => rmSync(folder, { recursive: true }))

async function typewire(...args: readonly string[]) {
  const written = { out: '', err: '' }
  const exitCode = await run(['check', ...args], {
    stdin: Readable.from([]),
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    cwd: folder,
    env: {},
    signal: new AbortController().signal,
  })
  return { exitCode, ...written }
}

/** What the file of this name has; with `UPDATE_GOLDEN=1` that is written there first. */
function golden(name: string, text: string): string {
  const path = fileURLToPath(new URL(`../golden/check/${name}`, import.meta.url))
  if (process.env['UPDATE_GOLDEN']) writeFileSync(path, text)
  return readFileSync(path, 'utf8')
}

describe('typewire check', () => {
  test('tells what breaks, what is risky, and how much is compatible', async () => {
    const { exitCode, out, err } = await typewire('now.json', '--against', 'old.json')
    expect(out).toBe(golden('breaking.txt', out))
    expect(out.split('\n').filter((line) => line.length > 100)).toEqual([])
    expect([exitCode, err]).toEqual([1, ''])
  })

  test('tells all of it as JSON', async () => {
    const { exitCode, out } = await typewire('now.json', '--against', 'old.json', '--format', 'json')
    expect(out).toBe(golden('breaking.json', out))
    expect(exitCode).toBe(1)
  })

  test('says that nothing breaks', async () => {
    expect(await typewire('wider.json', '--against', 'old.json')).toEqual({
      exitCode: 0,
      out: 'Nothing breaking. 0 breaking, 0 risky, 1 compatible (--all shows them).\n',
      err: '',
    })
    const { out } = await typewire('wider.json', '--against', 'old.json', '--all')
    expect(out).toBe(golden('compatible.txt', out))
    expect((await typewire('old.json', '--against', 'old.json')).out).toBe(
      'Nothing has changed for clients. 0 breaking, 0 risky, 0 compatible.\n',
    )
  })

  test('fails from the severity on that is asked for', async () => {
    const exitCodeOf = async (source: string, failOn: string) =>
      (await typewire(source, '--against', 'old.json', '--fail-on', failOn)).exitCode
    expect(await exitCodeOf('risky.json', 'breaking')).toBe(0)
    expect(await exitCodeOf('risky.json', 'risky')).toBe(1)
    expect(await exitCodeOf('wider.json', 'risky')).toBe(0)
    expect(await exitCodeOf('now.json', 'none')).toBe(0)
  })

  test('accepts findings that were looked at', async () => {
    const accepted = [
      '--ignore',
      'event-to-client-removed:rooms.chat.*',
      '--ignore',
      'sent-bound:procedures.send.input',
    ]
    const { exitCode, out, err } = await typewire(
      'risky.json',
      '--against',
      'old.json',
      '--fail-on',
      'risky',
      ...accepted,
    )
    expect([exitCode, out]).toEqual([0, 'Nothing breaking. 0 breaking, 0 risky, 0 compatible, 1 ignored.\n'])
    expect(err).toBe('--ignore sent-bound:procedures.send.input: there is no such finding any more. Leave it out.\n')
  })

  test('what is no snapshot is compared with nothing', async () => {
    for (const [text, message] of [
      ['{"typewire":1,"fingerprint":"x","procedures":5}', 'procedures is 5'],
      ['{"typewire":1,"fingerprint":"x","procedure":{}}', 'procedure is none of what may stand there'],
      [readFileSync(join(folder, 'old.json'), 'utf8').replace('"GONE"', '"LOST"'), 'it was edited or merged by hand'],
    ] as const) {
      writeFileSync(join(folder, 'bad.json'), text)
      const { exitCode, out, err } = await typewire('now.json', '--against', 'bad.json')
      expect({ exitCode, out }).toEqual({ exitCode: 3, out: '' })
      expect(err).toContain(message)
    }
  })

  test('reads a module, and a revision of git', async () => {
    const resolved = (path: string) => fileURLToPath(new URL(path, import.meta.url))
    const core = resolved('../../../packages/core/src/index.ts')
    const zod = resolved('../../../node_modules/zod/index.js')
    writeFileSync(
      join(folder, 'contract.ts'),
      `import { defineContract, event, procedure, room } from ${JSON.stringify(core)}\nimport { z } from ${JSON.stringify(zod)}\n${schemas}\nexport const chat = defineContract({ ${before.replace('last:', 'latest:')} })\n`,
    )
    writeFileSync(join(folder, 'typewire.json'), readFileSync(join(folder, 'old.json')))
    const git = (...args: readonly string[]) =>
      execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], {
        cwd: folder,
        stdio: 'pipe',
      })
    git('init', '--initial-branch=main')
    git('add', 'typewire.json')
    git('commit', '--message=Release')
    const { exitCode, out } = await typewire('contract.ts', '--against', 'git:main')
    expect(out).toContain('procedures.last\n    procedure-removed')
    expect(exitCode).toBe(1)
    expect((await typewire('contract.ts', '--against', 'contract.ts', '--export', 'chat')).exitCode).toBe(0)
  })

  test.each([
    ['no contract to compare with', ['old.json'], 2, /--against/],
    [
      'a format that there is not',
      ['old.json', '--against', 'old.json', '--format', 'xml'],
      2,
      /Allowed choices are text, json/,
    ],
    [
      'a rule that there is not',
      ['old.json', '--against', 'old.json', '--ignore', 'sent:x'],
      2,
      /There is no rule sent\. There are: .*sent-bound, /s,
    ],
    ['an --ignore without a path', ['old.json', '--against', 'old.json', '--ignore', 'sent-type'], 2, /<rule>:<path>/],
    ['a file that there is not', ['old.json', '--against', 'none.json'], 3, /There is no none\.json/],
    ['a revision that there is not', ['old.json', '--against', 'git:none'], 3, /git has no typewire\.json at none/],
  ] as const)('refuses %s', async (_, args, code, message) => {
    const { exitCode, err, out } = await typewire(...args)
    expect([exitCode, out]).toEqual([code, ''])
    expect(err).toMatch(message)
  })

  test('helps', async () => {
    const { exitCode, out } = await typewire('--help')
    expect(exitCode).toBe(0)
    expect(out).toBe(golden('help.txt', out))
  })
})
