import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeBigApplication } from './big-application.ts'
import { createScratch, tsc } from './compilers.ts'
import { declarationPaths, emitDeclarations } from './declarations.ts'

// How much work a contract is for the compiler, counted in instantiations of types: unlike seconds, the same on every
// machine. Measured on 2026-11-21: 922,332; 600,939; 1,985. Raise a budget only with a reason.
const budgets = {
  /** The contract, a server that implements all of it, a client. */
  whole: 1_020_000,
  contractAndClient: 640_000,
  /** A client whose contract comes as declarations pays for what it uses alone, however large the contract is. */
  clientOnDeclarations: 3_000,
} as const

const scratch = await createScratch()
afterAll(scratch.remove)
beforeAll(() => emitDeclarations(scratch), 60_000)

/** Counts the instantiations of a program that begins at these files, on the packages' declarations. */
async function instantiationsOf(files: readonly string[], emit: object = { noEmit: true }): Promise<number> {
  const compilerOptions = { ...emit, paths: declarationPaths, incremental: false, composite: false }
  await scratch.write(
    'tsconfig.big.json',
    JSON.stringify({ extends: './tsconfig.json', compilerOptions, include: [], files }),
  )
  const output = await tsc(7, ['-p', 'tsconfig.big.json', '--extendedDiagnostics', '--singleThreaded'], scratch.folder)
  expect(output).not.toContain('error TS')
  return Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1])
}

async function write(folder: string, procedures: number): Promise<void> {
  for (const [file, text] of Object.entries(writeBigApplication(procedures))) {
    await scratch.write(`${folder}/${file}`, text)
  }
}

test('a whole program of 1,000 procedures', { timeout: 60_000 }, async () => {
  await write('whole', 1_000)
  const count = await instantiationsOf(['whole/server.ts', 'whole/client.ts'])
  expect(count).toBeLessThanOrEqual(budgets.whole)
})

test('a contract of 1,000 procedures and its client', { timeout: 60_000 }, async () => {
  await write('client', 1_000)
  const count = await instantiationsOf(['client/client.ts'])
  expect(count).toBeLessThanOrEqual(budgets.contractAndClient)
})

test('a client on the declarations of a contract, of 100 procedures or 1,000', { timeout: 60_000 }, async () => {
  const counts = []
  for (const procedures of [100, 1_000]) {
    const folder = `declared-${procedures}`
    await write(folder, procedures)
    await instantiationsOf([`${folder}/contract.ts`], { noEmit: false, declaration: true, emitDeclarationOnly: true })
    await scratch.delete(`${folder}/contract.ts`)
    expect(await scratch.read(`${folder}/contract.d.ts`)).not.toContain('zod')
    counts.push(await instantiationsOf([`${folder}/client.ts`]))
  }
  expect(counts[0]).toBeLessThanOrEqual(budgets.clientOnDeclarations)
  expect(counts[1]).toBe(counts[0])
})
