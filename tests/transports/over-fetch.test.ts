import { transportSuite } from '@typewire/testkit/transport-suite'
import { overFetch } from './setups.ts'

for (const transport of ['http-stream', 'http-poll'] as const) {
  transportSuite(`${transport}, by fetch`, overFetch(transport))
}
