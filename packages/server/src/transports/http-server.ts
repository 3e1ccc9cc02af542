import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'

/** What Typewire needs of a Node `http.Server` or `https.Server`. */
export interface HttpServer {
  on(event: 'upgrade', listener: UpgradeListener): unknown
  off(event: 'upgrade', listener: UpgradeListener): unknown
  listeners(event: 'upgrade'): readonly object[]
  /** As of every EventEmitter: requests and upgrades to our path are taken here, before the server's own listeners. */
  emit(event: string | symbol, ...args: unknown[]): boolean
}

export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void
