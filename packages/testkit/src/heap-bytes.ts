import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { turn } from './turn.ts'

/** How many bytes of this thread's heap are in use when all garbage has been collected. */
export async function heapBytes(): Promise<number> {
  setFlagsFromString('--expose_gc')
  const collect = runInNewContext('gc') as () => void
  for (let i = 0; i < 2; i++) {
    await turn() // what has settled is garbage when the turn is over
    collect()
  }
  return process.memoryUsage().heapUsed
}
