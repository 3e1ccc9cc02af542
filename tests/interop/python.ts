import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** Debian's place for it, then any other; PYTHON_PATH names another. */
const candidates = process.env['PYTHON_PATH'] ? [process.env['PYTHON_PATH']] : ['/usr/bin/python3', 'python3']
const python = candidates.find((path) => spawnSync(path, ['-c', 'import websockets']).status === 0)

/** On a developer's machine these tests may be missing; in CI their absence is a failure. */
export const canSkip = !python && !process.env['CI']
if (canSkip) {
  console.warn(
    `SKIPPED: the client in Python. No ${candidates.join(' or ')} has the module websockets: ` +
      'install python3-websockets, or set PYTHON_PATH.',
  )
}

const program = fileURLToPath(new URL('scenarios.py', import.meta.url))

/** Reached only by a test that fails. */
const limitMs = 30_000

/** Something that the client saw, did or was told. */
export interface Line {
  readonly what: string
  readonly [detail: string]: unknown
}

/** A client in a process of its own. */
export interface PythonClient {
  /** All that it has said so far. */
  readonly lines: readonly Line[]
  /** The next line of this kind that was not waited for before. Rejects when the process ends without it. */
  readonly saw: (what: string) => Promise<Line>
  /** How many lines of this kind there are. */
  readonly count: (what: string) => number
}

/** Runs a scenario of `scenarios.py` until the test is over. */
export function runPython(scenario: string, port: number): PythonClient {
  if (!python) throw new Error(`No ${candidates.join(' or ')} has the module websockets.`)
  const url = `ws://127.0.0.1:${port}/typewire`
  // -B: nothing is written beside the sources.
  const child = spawn(python, ['-B', program, scenario, url], { timeout: limitMs, killSignal: 'SIGKILL' })
  const exited = once(child, 'exit')
  const errors = text(child.stderr)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })

  const lines: Line[] = []
  const taken = new Set<Line>()
  let hasEnded = false
  let onChange = () => {}
  const output = createInterface(child.stdout)
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
    count: (what) => lines.filter((line) => line.what === what).length,
    async saw(what) {
      while (!next(what)) {
        if (hasEnded) {
          throw new Error(`The client ended without '${what}'. It said: ${JSON.stringify(lines)} ${await errors}`)
        }
        await new Promise<void>((resolve) => (onChange = resolve))
      }
      const line = next(what)!
      taken.add(line)
      return line
    },
  }
}
