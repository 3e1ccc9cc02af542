#!/usr/bin/env node
import { run } from './program.ts'

// The first Ctrl-C asks the command to end, the second ends it.
const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())
// Who reads has gone: `typewire … | head`.
process.stdout.on('error', () => process.exit())

const { stdin, stdout, stderr, env } = process
process.exitCode = await run(process.argv.slice(2), {
  stdin,
  stdout,
  stderr,
  env,
  cwd: process.cwd(),
  signal: interrupt.signal,
})
