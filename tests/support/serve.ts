import type { Listening } from '@typewire/server'
import type { FakeClock } from '@typewire/testkit'
import { onTestFinished } from 'vitest'

/** Listens on a free port of this machine until the test is over. `clock`: where the server has a fake one. */
export async function serve(
  listening: Listening,
  clock?: FakeClock,
): Promise<{ readonly port: number; readonly url: string }> {
  onTestFinished(async () => {
    const closed = listening.close({ drainMs: 0 })
    await clock?.advance(100)
    await closed
  })
  const { port } = await listening.listen(0, { host: '127.0.0.1' })
  return { port, url: `http://127.0.0.1:${port}` }
}
