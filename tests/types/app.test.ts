import { execFileSync } from 'node:child_process'
import { afterAll, expect, test } from 'vitest'
import { compilers, createScratch, tsc } from './compilers.ts'

const scratch = await createScratch()
afterAll(scratch.remove)
await scratch.write('main.ts', "import 'app/server.ts'\nimport 'app/client.ts'\n")

// TypeScript 6 takes many seconds where two cores do other things as well.
const limitMs = 60_000

test.each([7, 6] as const)(
  'the fixture application type-checks under TypeScript %i',
  { timeout: limitMs },
  async (version) => {
    expect(execFileSync(process.execPath, [compilers[version], '--version'], { encoding: 'utf8' })).toMatch(
      new RegExp(`^Version ${version}\\.`),
    )
    expect(await tsc(version, ['-p', '.', '--pretty', 'false'], scratch.folder)).toBe('')
  },
)
