import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Runs the TypeScript compilers as users do: `tsc` over files on a disk.

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** TypeScript 7 is what this repository builds with; TypeScript 6 is what many users still have. */
export const compilers = { 7: tscOf('package.json'), 6: tscOf('tests/language-service/package.json') } as const

/** The `tsc` that the workspace of this manifest gets. */
function tscOf(manifest: string): string {
  const typescript = createRequire(join(root, manifest)).resolve('typescript/package.json')
  return join(dirname(typescript), 'bin/tsc')
}

/** Runs a compiler to its end. Its errors are part of its output, not an exception. */
export async function tsc(version: keyof typeof compilers, args: readonly string[], folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const command = [compilers[version], ...args]
    execFile(process.execPath, command, { cwd: folder, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      // A number is an exit code; anything else means that the compiler did not run.
      if (error && typeof error.code !== 'number') reject(error)
      else resolve(stdout + stderr)
    })
  })
}

/** A folder of its own for generated sources. */
export interface Scratch {
  readonly folder: string
  readonly write: (file: string, text: string) => Promise<void>
  readonly read: (file: string) => Promise<string>
  readonly delete: (file: string) => Promise<void>
  readonly remove: () => Promise<void>
}

/**
 * Makes a folder outside the repository whose sources see what this one's see: the packages from source, and the
 * fixture application as `app/…`.
 */
export async function createScratch(): Promise<Scratch> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'typewire-types-')))
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await write('package.json', '{ "type": "module" }')
  await write('tsconfig.json', JSON.stringify(scratchConfig))
  return {
    folder,
    write,
    read: (file) => readFile(join(folder, file), 'utf8'),
    delete: (file) => rm(join(folder, file)),
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

const scratchConfig = {
  extends: join(root, 'tsconfig.base.json'),
  compilerOptions: {
    lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    types: ['node'],
    noEmit: true,
    // `app/…` is no relative path, so its `.ts` could not be rewritten.
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    paths: { 'app/*': [join(root, 'tests/types/app/*')] },
  },
  include: ['*.ts'],
}
