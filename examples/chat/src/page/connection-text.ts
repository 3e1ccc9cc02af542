import type { ClientStatus } from '@typewire/client'
import { secondsUntil } from './format.ts'

/** A client's status in words. `countdown` changes each second, so it is kept apart from what is read out. */
export interface ConnectionText {
  readonly short: string
  readonly long: string
  readonly countdown: string
}

export function describeConnection(status: ClientStatus): ConnectionText {
  switch (status.state) {
    case 'open':
      return { short: 'Connected', long: '', countdown: '' }
    case 'idle':
    case 'connecting':
      return status.state === 'connecting' && status.attempt > 1
        ? { short: 'Connecting', long: 'No connection.', countdown: 'Trying now …' }
        : { short: 'Connecting', long: '', countdown: '' }
    case 'waiting':
      // A first break that is likely over in a moment moves nothing on the page.
      if (status.attempt === 1 && status.retryAtMs - Date.now() < 1_000) {
        return { short: 'Not connected', long: '', countdown: '' }
      }
      return {
        short: 'Not connected',
        long: 'No connection.',
        countdown: `Trying again in ${secondsUntil(status.retryAtMs)} s.`,
      }
    case 'closed':
      return { short: 'Closed', long: reasonOf(status), countdown: '' }
  }
}

/** Why the server would not have us, in its words: `UNAUTHORIZED: That name is taken.` without the code. */
export function reasonOf({ reason }: Extract<ClientStatus, { state: 'closed' }>): string {
  return reason.replace(/^[A-Z_]+: /, '')
}
