import { describe } from 'vitest'
import { callbackTests } from './broker-callbacks.ts'
import { channelTests } from './broker-channels.ts'
import { nodeTests } from './broker-nodes.ts'
import { historyTests } from './broker-history.ts'
import { presenceTests } from './broker-presence.ts'
import { resultTests } from './broker-results.ts'
import type { BrokerSetup } from './broker-stage.ts'

export type { BrokerSetup, BrokerUnderTest } from './broker-stage.ts'

/**
 * What every broker must do, as Vitest's tests: each sentence of `Broker`, `BrokerLink` and `BrokerEvents`, with several
 * nodes on one broker.
 */
export function brokerSuite(setup: BrokerSetup): void {
  describe(`${setup.name}`, () => {
    channelTests(setup)
    nodeTests(setup)
    callbackTests(setup)
    historyTests(setup)
    presenceTests(setup)
    resultTests(setup)
  })
}
