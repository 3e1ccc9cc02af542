import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, onTestFinished } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** The command line as a program that can be spawned: Node 20 does not read its sources. */
export interface Program {
  readonly main: string
  /** The PATH with a `typewire` in it, for shells. */
  readonly path: string
}

/** Makes it, for the tests of a file. */
export async function buildProgram(): Promise<Program> {
  // Within the package, so that it finds its own dependencies.
  const folder = join(
    root,
    'packages/cli/node_modules',
    '.cache',
    `typewire-cli-${process.pid}-${Math.random().toString(36).slice(2)}`,
  )
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const main = join(folder, 'dist', 'main.mjs')
  await build({
    entryPoints: [join(root, 'packages/cli/src/main.ts')],
    outfile: main,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    conditions: ['@typewire/source'],
    external: ['commander', 'jiti', 'ws'],
    logLevel: 'error',
  })
  copyFileSync(join(root, 'packages/cli/package.json'), join(folder, 'package.json'))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'typewire'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`, { mode: 0o755 })
  return { main, path: [bin, process.env['PATH']].join(delimiter) }
}

export interface Running {
  readonly child: ChildProcessWithoutNullStreams
  readonly out: () => string
  readonly err: () => string
  /** Its exit code; or the signal that has ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

/** Spawns a program, ended when the test is over. */
export function start(
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Running {
  const child = spawn(command, args, { stdio: 'pipe', ...options })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin.on('error', () => {}) // it may end before it has read all
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
    child.on('close', (code, signal) => resolve(code ?? signal)),
  )
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, out: () => out, err: () => err, ended }
}
