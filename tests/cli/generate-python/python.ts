import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** Debian's place for it, then any other; PYTHON_PATH names another. Generated code needs 3.11. */
const candidates = process.env['PYTHON_PATH'] ? [process.env['PYTHON_PATH']] : ['/usr/bin/python3', 'python3']
const check = 'import sys, websockets; sys.exit(sys.version_info < (3, 11))'
export const python = candidates.find((path) => spawnSync(path, ['-c', check]).status === 0)

/** On a developer's machine these tests may be missing; in CI their absence is a failure. */
export const canSkip = !python && !process.env['CI']
if (canSkip) {
  console.warn(
    `SKIPPED: the generated client in Python. No ${candidates.join(' or ')} of 3.11 or newer has the module websockets: ` +
      'install python3-websockets, or set PYTHON_PATH.',
  )
}

/** What checks types, where it is installed. In CI it has to be. */
export const mypy =
  ['/usr/bin/mypy'].find((path) => spawnSync(path, ['--version']).status === 0) ??
  (process.env['CI'] ? '/usr/bin/mypy' : undefined)
if (!mypy) console.warn('SKIPPED: the types of generated Python. There is no /usr/bin/mypy: install mypy.')

/** Reached only by a test that fails. */
const limitMs = 30_000

/** Something that the program says: a line of JSON. */
export interface Line {
  readonly what: string
  readonly [detail: string]: unknown
}

export interface PythonProgram {
  readonly lines: readonly Line[]
  /** The next line of this kind that was not waited for before. Rejects when the process ends without it. */
  readonly saw: (what: string) => Promise<Line>
  /** The program is to go on: it reads a line. */
  readonly tell: (line: string) => void
}

/** Runs a program until the test is over. `folder` is where it finds modules. */
export function runProgram(program: string, folder: string, args: readonly string[]): PythonProgram {
  if (!python) throw new Error(`No ${candidates.join(' or ')} has the module websockets.`)
  // -B: nothing is written beside the sources.
  const child: ChildProcess = spawn(python, ['-B', '-W', 'error', program, ...args], {
    timeout: limitMs,
    killSignal: 'SIGKILL',
    env: { ...process.env, PYTHONPATH: folder },
  })
  const exited = once(child, 'exit')
  const errors = text(child.stderr!)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  const lines: Line[] = []
  const taken = new Set<Line>()
  let hasEnded = false
  let onChange = () => {}
  const output = createInterface(child.stdout!)
  output.on('line', (line) => {
    lines.push(JSON.parse(line) as Line)
    onChange()
  })
  output.on('close', () => {
    hasEnded = true
    onChange()
  })
  const next = (what: string) => lines.find((line) => line.what === what && !taken.has(line))
  return {
    lines,
    tell: (line) => void child.stdin!.write(`${line}\n`),
    async saw(what) {
      while (!next(what)) {
        if (hasEnded) throw new Error(`It ended without '${what}'. It said: ${JSON.stringify(lines)} ${await errors}`)
        await new Promise<void>((resolve) => (onChange = resolve))
      }
      const line = next(what)!
      taken.add(line)
      return line
    },
  }
}
