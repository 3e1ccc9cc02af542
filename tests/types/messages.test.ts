import { afterAll, expect, test } from 'vitest'
import { createScratch, tsc } from './compilers.ts'
import { misuses, prelude } from './misuses.ts'

// What TypeScript 7 says to each misuse is part of the product: messages.txt holds it. After a change of the types,
// look at what became of the messages, and take them over with `npx vitest run tests/types/messages.test.ts -u`.

const scratch = await createScratch()
afterAll(scratch.remove)

const file = (index: number) => `m${String(index).padStart(2, '0')}.ts`

interface CompilerError {
  readonly line: number
  readonly column: number
  readonly message: string
}

/** The errors in each file of a compiler's output: `m01.ts(7,26): error TS2322: …`, and indented lines below it. */
function parseErrors(output: string): Map<string, CompilerError[]> {
  const errors = new Map<string, CompilerError[]>()
  for (const text of output.trimEnd().split(/\n(?! )/)) {
    const match = /^(.+?)\((\d+),(\d+)\): error (TS[^]+)$/.exec(text)
    if (!match) throw new Error(`Not an error in a file: ${text}`)
    const [, name = '', line, column, message = ''] = match
    errors.set(name, [...(errors.get(name) ?? []), { line: Number(line), column: Number(column), message }])
  }
  return errors
}

/** The line of the code, a caret below the place, and what the compiler says. */
function show(code: string, { line, column, message }: CompilerError): string {
  const wrong = code.split('\n')[line - prelude.split('\n').length] ?? ''
  const indent = wrong.length - wrong.trimStart().length
  const marked = [wrong.trim(), `${' '.repeat(column - 1 - indent)}^`, message]
  return marked.join('\n').replaceAll(/^/gm, '    ')
}

test('each misuse is caught, and the messages are those in messages.txt', async () => {
  const entries = Object.entries(misuses)
  for (const [index, [, code]] of entries.entries()) await scratch.write(file(index), `${prelude}${code}\n`)
  const errors = parseErrors(await tsc(7, ['-p', '.', '--pretty', 'false', '--singleThreaded'], scratch.folder))

  const uncaught = entries.filter((_, index) => !errors.has(file(index)))
  expect(uncaught).toEqual([])
  expect(errors.size).toBe(entries.length)

  const chapters = entries.map(([title, code], index) =>
    [`## ${title}`, ...(errors.get(file(index)) ?? []).map((error) => show(code, error))].join('\n'),
  )
  await expect(`${chapters.join('\n\n')}\n`).toMatchFileSnapshot('messages.txt')
})
