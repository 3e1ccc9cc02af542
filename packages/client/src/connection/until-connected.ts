import type { ClientStatus } from '../types.ts'
import { until } from '../until.ts'
import type { WithinLimits } from '../within.ts'
import type { Connection } from './connection.ts'

/**
 * Resolves when there is a connection. Connects nothing by itself.
 * @throws TypewireError `TIMED_OUT`, `ABORTED`, or what has closed the client.
 */
export function untilConnected(connection: Connection, origin: string, limits: WithinLimits): Promise<void> {
  const isOpen = ({ state }: ClientStatus) => {
    if (state === 'closed') connection.use(origin) // throws what closed it
    return state === 'open'
  }
  return until(connection.status, isOpen, origin, connection.deadlines, limits)
}
