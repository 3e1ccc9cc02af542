#!/usr/bin/env node
import { Console } from 'node:console'
import { writeSync } from 'node:fs'
import { exitCodes } from './exit-codes.ts'
import { run } from './program.ts'

const { stdin, stdout, stderr, env } = process

// The first Ctrl-C asks the command to end, the second ends it.
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())

// What the module of a contract prints is no part of what the command prints.
globalThis.console = new Console(stderr)

let isOver = false
function exit(code?: number): void {
  isOver = true
  process.exit(code)
}
// Who reads has gone: `typewire … | head`.
stdout.on('error', () => exit())
stderr.on('error', () => {})

// Nothing but the module of a contract ends the process, or leaves it without anything to wait for, before the command is over.
let isIdle = false
process.on('beforeExit', () => (isIdle = true))
process.on('exit', () => {
  if (isOver) return
  const what = isIdle ? 'waits for what never comes (a top-level await)' : 'has ended the process (process.exit)'
  writeSync(stderr.fd, `The contract's module, or what it imports, ${what}. A contract module only declares.\n`)
  process.exitCode = exitCodes.unreadable
})

const given = { stdin, stdout, stderr, env, cwd: process.cwd(), signal: interrupt.signal }
void run(process.argv.slice(2), given).then(async (code) => {
  await Promise.all([flushed(stdout), flushed(stderr)])
  // What the module has opened, such as a database's connections, would keep the process from ending.
  exit(code)
})

/** Resolves when all that was written is with the system: a pipe takes only so much at once. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => void stream.write('', () => resolve()))
}
