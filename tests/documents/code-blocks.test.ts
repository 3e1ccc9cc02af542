import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { documents, readDocument, root } from './documents.ts'

/** A ```ts block. `ts file=contract.ts` names it for the others of its document; `ts ignore: why` leaves it out. */
interface Block {
  readonly document: string
  readonly line: number
  readonly info: string
  readonly text: string
}

const blocks = documents().flatMap((document): Block[] => {
  const text = readDocument(document)
  return [...text.matchAll(/^```(tsx?\b.*)\n([^]*?)^```$/gm)].map(({ 1: info = '', 2: code = '', index }) => {
    return { document, line: text.slice(0, index).split('\n').length, info, text: code }
  })
})

describe('the code in the documents', () => {
  test('is left unchecked only for a reason', () => {
    const silent = blocks.filter(({ info }) => /\bignore\b/.test(info) && !/\bignore: \S+/.test(info))
    expect(silent.map(({ document, line }) => `${document}:${line}`)).toEqual([])
  })

  test('type-checks', { timeout: 60_000 }, async () => {
    const checked = blocks.filter(({ info }) => !/\bignore\b/.test(info))
    expect(checked.length).toBeGreaterThan(3)
    expect(await errorsOf(checked)).toEqual([])
  })

  test('would not if it were wrong', { timeout: 60_000 }, async () => {
    const text = "import { createServer } from '@typewire/server'\nexport const wrong: string = createServer\n"
    const errors = await errorsOf([{ document: 'WRONG.md', line: 10, info: 'ts', text }])
    expect(errors).toEqual([expect.stringMatching(/^WRONG\.md:12: .*not assignable to type 'string'/)])
  })
})

/** Checks blocks in one program, each document in a folder of its own, and tells errors by the documents' lines. */
async function errorsOf(checked: readonly Block[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'typewire-documents-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const byFile = new Map<string, Block>()
  for (const block of checked) {
    const name =
      /\bfile=(\S+)/.exec(block.info)?.[1] ?? `line-${block.line}.${block.info.startsWith('tsx') ? 'tsx' : 'ts'}`
    const file = `${block.document.replaceAll(/[^\w]/g, '-')}/${name}`
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), block.text)
    byFile.set(file, block)
  }
  const compilerOptions = {
    lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    types: ['node'],
    jsx: 'react-jsx',
    moduleDetection: 'force',
    noEmit: true,
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: join(root, 'tsconfig.base.json'), compilerOptions, files: [...byFile.keys()] }),
  )
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
  }).catch((failure: { readonly stdout: string }) => failure)
  return stdout.split('\n').flatMap((line) => {
    if (line.trim() === '' || line.startsWith(' ')) return [] // the details of the error above
    const [, file = '', at = '', message = ''] = /^(.+?)\((\d+),\d+\): (.*)$/.exec(line) ?? []
    const block = byFile.get(file.replaceAll('\\', '/'))
    if (block) return [`${block.document}:${block.line + Number(at)}: ${message}`]
    return file === '' ? [line] : [] // errors of the packages themselves are told by `npm run types`
  })
}
