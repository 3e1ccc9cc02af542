import { transportSuite } from '../../packages/testkit/src/suites/transport-suite.ts'
import { overDirect } from './setups.ts'

for (const transport of ['websocket', 'http-stream', 'http-poll'] as const) {
  transportSuite(`${transport}, direct`, overDirect(transport))
}
