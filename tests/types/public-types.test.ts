import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createScratch } from './compilers.ts'
import { emitDeclarations, publicDeclarations } from './declarations.ts'

const scratch = await createScratch()
afterAll(scratch.remove)
beforeAll(() => emitDeclarations(scratch), 60_000)

/** The lines of a declaration file that say `any`, outside what is only text: comments and strings. */
function linesWithAny(declarations: string): string[] {
  const code = declarations.replaceAll(/\/\*[^]*?\*\/|\/\/.*|'[^'\n]*'|"[^"\n]*"/g, '')
  return code.split('\n').filter((line) => /\bany\b/.test(line))
}

test('the search sees any in types, and in nothing else', () => {
  expect(linesWithAny('/** any */\nexport declare const a: "any"; // any\nexport type Many = AnyContract')).toEqual([])
  expect(linesWithAny('export declare const f: (x: any) => void')).toHaveLength(1)
})

describe.each([
  '@typewire/core',
  '@typewire/client',
  '@typewire/client/lean',
  '@typewire/client/opentelemetry',
  '@typewire/server',
  '@typewire/server/metrics',
  '@typewire/server/opentelemetry',
] as const)('%s', (name) => {
  test('declares nothing as any', async () => {
    const files = await publicDeclarations(scratch, name)
    expect(files.size).toBeGreaterThan(1)
    const found = [...files].flatMap(([file, text]) => linesWithAny(text).map((line) => `${file}: ${line.trim()}`))
    expect(found).toEqual([])
  })
})
