import { transportSuite } from '@typewire/testkit/transport-suite'
import { overDirect } from './setups.ts'

for (const transport of ['websocket', 'http-stream', 'http-poll'] as const) {
  transportSuite(`${transport}, direct`, overDirect(transport))
}
