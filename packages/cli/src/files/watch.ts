import { type FSWatcher, watch } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf } from '../cli-error.ts'
import type { Io } from '../io.ts'

export interface Watched {
  /** Whether it was made; what has failed may be mended by a file that is not known yet. */
  readonly isMade: boolean
  /** The files that it is made from, and those that are made. */
  readonly read: readonly string[]
  readonly written: readonly string[]
}

/**
 * Runs again whenever a file has changed that the last run has read, until the user interrupts. Folders are watched, not files, as
 * editors put another file in the place of one. Several changes of a moment are one.
 * @param shown what is watched, for the user
 */
export async function watchAndRun(shown: string, io: Io, run: () => Promise<Watched>): Promise<void> {
  const watchers = new Map<string, FSWatcher>()
  let last: Watched = { isMade: false, read: [], written: [] }
  let wake = () => {}
  let isChanged = false
  let isSaid = false
  const isConcerned = (path: string) =>
    !path.endsWith('.tmp') &&
    !last.written.includes(path) &&
    (!last.isMade || last.read.includes(path) || path.endsWith('.json'))
  const watchFolder = (folder: string) => {
    const drop = (error: unknown) => {
      io.stderr.write(`${folder} is not watched any more: ${messageOf(error)}\n`)
      watchers.delete(folder)
    }
    try {
      const watcher = watch(folder, (_, name) => {
        if (name !== null && !isConcerned(join(folder, name))) return
        isChanged = true
        wake()
      })
      watchers.set(folder, watcher.on('error', drop))
    } catch (error) {
      drop(error)
    }
  }
  const stop = () => wake()
  io.signal.addEventListener('abort', stop, { once: true })
  try {
    while (!io.signal.aborted) {
      last = await run()
      const folders = new Set(last.read.map((path) => dirname(path)))
      for (const [folder, watcher] of watchers) {
        if (folders.has(folder)) continue
        watcher.close()
        watchers.delete(folder)
      }
      for (const folder of folders) if (!watchers.has(folder)) watchFolder(folder)
      if (!isSaid) io.stderr.write(`Watching ${shown}. Ctrl-C ends it.\n`)
      isSaid = true
      await new Promise<void>((resolve) => {
        wake = resolve
        if (isChanged || io.signal.aborted) resolve()
      })
      if (!io.signal.aborted) await new Promise((resolve) => setTimeout(resolve, settleMs))
      isChanged = false
    }
  } finally {
    io.signal.removeEventListener('abort', stop)
    for (const watcher of watchers.values()) watcher.close()
  }
}

/** How long to wait for more changes of the same moment. */
const settleMs = 30
