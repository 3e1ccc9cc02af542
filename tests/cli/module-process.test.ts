import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { folderWith } from './run-cli.ts'
import { buildProgram, start } from './terminal-program.ts'

const program = await buildProgram()

const contract = (more = '') => `
import { defineContract, procedure } from '@typewire/core'
import { z } from 'zod'
${more}
export const chat = defineContract({ procedures: { send: procedure({ input: z.string(), output: z.string() }) } })`

function project(files: Record<string, string>) {
  const { path } = folderWith({ 'package.json': '{ "type": "module" }', ...files })
  symlinkSync(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(path, 'node_modules'), 'junction')
  return (...args: readonly string[]) => start(process.execPath, [program.main, ...args], { cwd: path })
}

describe('a module of a contract', () => {
  test('that keeps something open does not keep the program', async () => {
    const typewire = project({ 'contract.ts': contract('setInterval(() => {}, 1000)') })
    const ran = typewire('snapshot', 'contract.ts')
    expect(await ran.ended).toBe(0)
    expect(ran.out()).toMatch(/^typewire\.json is written/)
  })

  test('that keeps something open cuts no output short', async () => {
    const many = `export const tags = z.enum(Array.from({ length: 20_000 }, (_, n) => 'tag' + n))
      export const big = defineContract({ procedures: { tag: procedure({ input: tags, output: z.string() }) } })`
    const typewire = project({ 'contract.ts': contract(`setInterval(() => {}, 1000)\n${many}`) })
    const ran = typewire('snapshot', 'contract.ts', '--export', 'big', '-o', '-')
    expect(await ran.ended).toBe(0)
    expect(ran.out().length).toBeGreaterThan(200_000)
    expect(JSON.parse(ran.out())).toMatchObject({ typewire: 1, name: 'big' })
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('that waits for ever is ended by %s', async (signal) => {
    const wait = 'setInterval(() => {}, 1000); console.log("waits"); await new Promise(() => {})'
    const ran = project({ 'contract.ts': contract(wait) })('snapshot', 'contract.ts')
    await eventually(() => ran.err().includes('waits'), 'it is executed')
    ran.child.kill(signal)
    expect(await ran.ended).toBe(130)
  })

  test.each([
    ['ends the process', 'process.exit(0)', 'has ended the process (process.exit)'],
    [
      'ends the process later',
      'setTimeout(() => process.exit(0)); await new Promise(() => {})',
      'has ended the process',
    ],
    ['waits for nothing', 'await new Promise(() => {})', 'waits for what never comes (a top-level await)'],
    ['throws null', 'throw null', 'contract.ts cannot be executed: it has thrown null\n'],
    ['throws undefined', 'throw undefined', 'contract.ts cannot be executed: it has thrown undefined\n'],
    ['is not written right', 'const a = 1,,', 'contract.ts:4:12: Unexpected token'],
  ])('that %s is said, and there is no verdict', async (_, more, message) => {
    const typewire = project({ 'contract.ts': contract(more) })
    const ran = typewire('check', 'contract.ts', '--against', 'contract.ts')
    expect(await ran.ended).toBe(3)
    expect(ran.err()).toContain(message)
    expect(ran.err()).not.toContain('Warning')
    expect(ran.out()).toBe('')
  })

  test('that is not written right is given no advice about servers', async () => {
    const ran = project({ 'contract.ts': contract('const a = 1,,') })('snapshot', 'contract.ts')
    await ran.ended
    expect(ran.err()).not.toContain('server')
  })

  test('that prints something does not spoil what is printed', async () => {
    const typewire = project({ 'contract.ts': contract('console.log("hello"); console.table([1])') })
    const ran = typewire('snapshot', 'contract.ts', '-o', '-')
    expect(await ran.ended).toBe(0)
    expect(JSON.parse(ran.out())).toMatchObject({ name: 'chat' })
    expect(ran.err()).toMatch(/^hello\n/)
    const check = typewire('check', 'contract.ts', '--against', 'contract.ts', '--format', 'json')
    expect(await check.ended).toBe(0)
    expect(JSON.parse(check.out())).toMatchObject({ typewireCheck: 1 })
  })
})

test.runIf(process.platform === 'linux')('a folder that the system does not make is said', async () => {
  const ran = project({ 'contract.ts': contract() })('snapshot', 'contract.ts', '-o', '/proc/none/of/typewire.json')
  expect(await ran.ended).toBe(3)
  expect(ran.err()).toContain('Cannot write: ENOENT')
})
