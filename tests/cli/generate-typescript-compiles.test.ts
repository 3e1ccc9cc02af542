import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeBigApplication } from '../types/big-application.ts'
import { createScratch, tsc } from '../types/compilers.ts'
import { declarationPaths, emitDeclarations } from '../types/declarations.ts'
import { runCli } from './run-cli.ts'

// A project that has the client's declarations and what was generated, and nothing else: no schema library, no types of Node.

const root = fileURLToPath(new URL('../..', import.meta.url))
const golden = fileURLToPath(new URL('./golden', import.meta.url))

const packages = await createScratch()
const project = mkdtempSync(join(tmpdir(), 'typewire-generated-'))
afterAll(async () => {
  await packages.remove()
  rmSync(project, { recursive: true, force: true })
})

const write = (file: string, text: string) => writeFileSync(join(project, file), text)

const main = `
import { createClient, isErrorOf } from '@typewire/client'
import { type ChatClient, createChatClient, fingerprint, type Message } from './chat.js'
import type { EveryShape } from './every-shape.js'
import { createLargeClient } from './large.js'
import { createTickerClient } from './ticker.js'
import { createSupportClient } from './support.js'
import { rooms } from '@typewire/client/lean'

const chat: ChatClient = createChatClient({ url: '', auth: { name: 'Ada', key: '' } })
chat.join.chat({ roomId: '' }, { presence: { isAway: false } }).on.message((message: Message) => message.sentAt.getTime())
const made = await chat.try.openRoom({ name: '' })
const max: number = made.ok ? made.data.topic.length : made.error.code === 'TOO_MANY_ROOMS' ? made.error.data.max : 0
export const text: string = fingerprint + max

const every = createClient<EveryShape>({ url: '', auth: { token: '' } })
const seven: 7n = (await every.call.rich({} as Parameters<typeof every.call.rich>[0])).seven
const isThere: boolean = await every.join.chat({ roomId: '' }, { presence: { isAway: true } }).emitWithAck.vote(Number(seven))
export const shown = isErrorOf(every.call.failing, isThere as unknown)

const large = createLargeClient({ url: '', auth: { token: '' } })
for (const { title } of (await large.call.listProjects()).items as { title?: string }[]) title?.trim()
const prices = createTickerClient({ url: '' }).join.market().on.price(({ price }) => price.toFixed(2))
prices()
createSupportClient({ url: '', auth: { name: '', key: '' }, use: [rooms] }).emit

// @ts-expect-error no such procedure
void chat.call.sent
// @ts-expect-error a member is missing
void chat.call.openRoom({})
// @ts-expect-error 'undefined' is given, where a member may only be left out or be a text
void chat.call.openRoom({ name: undefined })
// @ts-expect-error no credentials
createLargeClient({ url: '' })
// @ts-expect-error a date is no text
every.emit.save({ id: '', author: { id: '', name: '' }, editedAt: null, sentAt: '', text: '' })
`

function configOf(files: readonly string[]) {
  const declarations = (entry: string) => [join(packages.folder, 'packages', `${entry}.d.ts`)]
  return JSON.stringify({
    compilerOptions: {
      target: 'ES2022',
      module: 'nodenext',
      lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      noEmit: true,
      paths: {
        '@typewire/client': declarations('client/src/index'),
        '@typewire/client/lean': declarations('client/src/lean'),
        '@typewire/core': declarations('core/src/index'),
      },
    },
    files,
  })
}

beforeAll(async () => {
  await emitDeclarations(packages)
  write('package.json', '{ "type": "module" }')
  write('main.ts', main)
  for (const name of ['chat', 'ticker', 'every-shape', 'large'])
    cpSync(join(golden, name), project, { recursive: true })
  const lean = ['--name', 'support', '--lean', '--out', join(project, 'support.js')]
  await runCli(['generate', 'typescript', 'examples/chat/src/contract.ts', ...lean], { cwd: root })
}, 60_000)

// TypeScript 6 takes many seconds where two cores do other things as well.
const limitMs = 60_000

describe.each([7, 6] as const)('under TypeScript %i, strict, with all libraries checked', (version) => {
  test('what is generated compiles, and finds misuse', { timeout: limitMs }, async () => {
    write('tsconfig.json', configOf(['main.ts']))
    expect(await tsc(version, ['-p', '.', '--pretty', 'false'], project)).toBe('')
  })

  test('and would not if it were wrong', { timeout: limitMs }, async () => {
    write(
      'wrong.d.ts',
      "import type { Procedure } from '@typewire/client'\nexport type Wrong = Procedure<Missing, void>\n",
    )
    write('tsconfig.wrong.json', configOf(['wrong.d.ts']))
    const output = await tsc(version, ['-p', 'tsconfig.wrong.json', '--pretty', 'false'], project)
    expect(output).toMatch(/wrong\.d\.ts\(2,\d+\): error TS2707/)
  })
})

// Counted in instantiations of types, as in tests/types/budget.test.ts. Measured on 2026-11-29: 2,827; of the contract's own
// module, by inference, 371,372.
test('a client of 300 procedures costs the compiler what it uses', { timeout: limitMs }, async () => {
  const { 'contract.ts': contract, 'client.ts': client } = writeBigApplication(300)
  await packages.write('contract.ts', contract)
  const out = join(packages.folder, 'generated/contract.js')
  await runCli(['generate', 'typescript', 'contract.ts', '--out', out], { cwd: packages.folder })
  await packages.write('generated/client.ts', client.replace('./contract.ts', './contract.js'))
  const compilerOptions = { paths: declarationPaths }
  const files = ['generated/client.ts']
  await packages.write(
    'tsconfig.big.json',
    JSON.stringify({ extends: './tsconfig.json', compilerOptions, include: [], files }),
  )
  const output = await tsc(7, ['-p', 'tsconfig.big.json', '--extendedDiagnostics', '--singleThreaded'], packages.folder)
  expect(output).not.toContain('error TS')
  expect(Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1])).toBeLessThan(3_200)
})
