import { type CallOptions, TypewireError } from '@typewire/core'
import { within } from '../within.ts'
import type { Connection } from './connection.ts'
import { untilConnected } from './until-connected.ts'

/**
 * How long the server takes to answer a ping, in milliseconds. Waits for a connection first.
 * @throws TypewireError `SESSION_LOST` when that is lost meanwhile, `TIMED_OUT`, `ABORTED`, or what has closed the client.
 */
export async function measurePing(connection: Connection, { signal, timeoutMs }: CallOptions): Promise<number> {
  connection.use('ping')
  const limits = { signal, timeoutMs: timeoutMs ?? connection.backstopMs }
  await untilConnected(connection, 'ping', limits)
  const sentMs = connection.now()
  let stop = () => {}
  const answer = new Promise<void>((resolve, reject) => {
    const stopWaiting = connection.ping(resolve)
    const lost = () => reject(new TypewireError('SESSION_LOST', 'ping: the connection was lost.', { origin: 'ping' }))
    const off = connection.status.subscribe(() => connection.isOpen || lost())
    stop = () => {
      stopWaiting()
      off()
    }
  })
  try {
    await within(answer, 'ping', connection.deadlines, limits)
    return connection.now() - sentMs
  } finally {
    stop()
  }
}
