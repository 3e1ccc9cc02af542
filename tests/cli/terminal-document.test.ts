import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readDocument, updated } from '../documents/documents.ts'
import { openTerminal, startLab } from './terminal-lab.ts'
import { buildProgram, start } from './terminal-program.ts'

const path = 'docs/cli-terminal.md'
const program = await buildProgram()

test('the contract in the document is that of the server that its examples are run against', () => {
  const source = readFileSync(fileURLToPath(new URL('terminal-lab.ts', import.meta.url)), 'utf8')
  const [, code = ''] = /\/\/ the document begins\n\n([^]*?)\n\n\/\/ the document ends/.exec(source) ?? []
  const imports =
    "import { defineContract, event, type Named, procedure, room, stream, upload } from '@typewire/core'\nimport { z } from 'zod'"
  const text = `\`\`\`ts file=contract.ts\n${imports}\n\n${code}\n\`\`\``
  expect(updated(path, 'contract', text)).toBe(text)
})

/** The blocks of commands, with what each prints. */
const blocks = [...readDocument(path).matchAll(/^```console\n([^]*?)^```$/gm)].map(([, text = '']) =>
  text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = '', ...printed] = part.trimEnd().split('\n')
      return { command, printed }
    }),
)

test('the document has examples', () => {
  expect(blocks.length).toBeGreaterThan(8)
})

test.each(blocks.map((block) => [block[0]!.command, block] as const))('%s …', async (_, block) => {
  const { url } = await startLab()
  const { cwd } = await openTerminal()
  // Each command's output follows a line of its own; both outputs are one, in which lines may come in any order.
  const commands = block.map(({ command }) => command.replaceAll('http://localhost:3000', url))
  const body = commands.map((command) => `${command}; code=$?; echo "${mark}"; (exit $code)`).join('\n')
  const shell = start('bash', ['-c', `exec 2>&1\n${body}\ntrue`], { cwd, env: { ...process.env, PATH: program.path } })
  expect(await shell.ended).toBe(0)
  const outputs = shell.out().replaceAll(url, 'http://localhost:3000').split(`${mark}\n`)
  for (const [index, { printed }] of block.entries()) {
    const lines = outputs[index]!.split('\n').filter((line) => line !== '')
    expect(lines).toHaveLength(printed.length)
    for (const line of printed) expect(lines).toContainEqual(expect.stringMatching(patternOf(line)))
  }
})

const mark = '--- done ---'

/** `…` stands for what is different each time. */
function patternOf(line: string): RegExp {
  const parts = line.split('…').map((part) => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
  return new RegExp(`^${line.startsWith(' ') ? ' *' : ''}${parts.join('.*')}$`)
}
