import { expect, test } from 'vitest'
import { folderWith, runCli } from './run-cli.ts'

const contract = (name: string) => `
import { defineContract, procedure } from '@typewire/core'
export const ${name} = defineContract({ procedures: { ask: procedure({}) } })
`

test('what a contract of another name has left in a package is told', async () => {
  const { path, write } = folderWith({ 'package.json': '{ "type": "module" }', 'contract.ts': contract('first') })
  const typewire = (...args: string[]) =>
    runCli(['generate', 'python', 'contract.ts', '--out', 'made', ...args], { cwd: path })
  await typewire()
  write('made/own.py', 'print("Made by: typewire generate python ")')
  expect(await typewire('--check')).toMatchObject({ exitCode: 0, stderr: '' })
  write('contract.ts', contract('second'))
  const stderr = 'Made before, and not any more: made/first.py. Delete it.\n'
  expect(await typewire()).toMatchObject({ exitCode: 0, stderr })
  expect(await typewire('--check')).toEqual({ exitCode: 1, stdout: '', stderr })
})

test('what lies beside a module is not looked at', async () => {
  const { path, write } = folderWith({ 'package.json': '{ "type": "module" }', 'contract.ts': contract('first') })
  const typewire = (...args: string[]) => runCli(['generate', 'python', 'contract.ts', ...args], { cwd: path })
  await typewire('--out', 'made/first.py')
  write('contract.ts', contract('second'))
  await typewire('--out', 'made/second.py')
  expect(await typewire('--out', 'made/second.py', '--check')).toMatchObject({ exitCode: 0, stderr: '' })
})
