import { existsSync, watch } from 'node:fs'
import { dirname, resolve, sep } from 'node:path'
import type { Io } from '../io.ts'

/**
 * Runs again whenever something changes in the folder of a module, or below, until the user interrupts. Several changes of a
 * moment, as editors make them, are one.
 */
export async function watchAndRun(source: string, io: Io, run: () => Promise<void>): Promise<void> {
  const folder = dirname(resolve(io.cwd, source))
  if (!existsSync(folder)) return
  let wake = () => {}
  let isChanged = false
  const watcher = watch(folder, { recursive: true, signal: io.signal })
  watcher.on('change', (_, name) => {
    const parts = String(name).split(sep)
    if (parts.some((part) => part === 'node_modules' || part === '.git') || String(name).endsWith('.tmp')) return
    isChanged = true
    wake()
  })
  watcher.on('error', () => {}) // the signal ends it
  io.signal.addEventListener('abort', () => wake(), { once: true })
  while (!io.signal.aborted) {
    await run()
    await new Promise<void>((resolve) => {
      wake = resolve
      if (isChanged || io.signal.aborted) resolve()
    })
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    isChanged = false
  }
  watcher.close()
}

/** How long to wait for more changes of the same moment. */
const settleMs = 30
