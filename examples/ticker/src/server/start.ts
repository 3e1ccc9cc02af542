import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { staticFiles } from './static-files.ts'
import { createTickerServer } from './ticker-server.ts'

export interface TickerOptions {
  /** Where the built page lies. */
  readonly pageFolder: string
  /** 0 picks a free one. */
  readonly port: number
  /** Of the prices. Default: another one with each start. */
  readonly seed?: number
}

const clock = {
  now: () => performance.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * Serves the page and the prices on one port.
 * @throws the error of Node's `readdir` when the page was not built, and of its `listen` (`EADDRINUSE`, …).
 */
export async function startTicker({ pageFolder, port, seed = Date.now() }: TickerOptions) {
  const httpServer = createServer(staticFiles(pageFolder))
  await new Promise<void>((resolve, reject) => {
    httpServer.once('error', reject)
    httpServer.listen(port, resolve)
  })
  const { listening, stop } = createTickerServer({ seed, clock, startedAtMs: Date.now() })
  listening.attach(httpServer)
  return {
    port: (httpServer.address() as AddressInfo).port,
    /** Takes no new connections, lets what runs finish, and resolves when the last socket has ended. */
    close: async () => {
      const closed = new Promise<void>((resolve) => httpServer.close(() => resolve()))
      stop()
      await listening.close()
      // Browsers open connections ahead of their requests; such a one would be waited for until it times out.
      httpServer.closeAllConnections()
      await closed
    },
  }
}
