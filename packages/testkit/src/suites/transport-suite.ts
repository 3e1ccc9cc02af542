import { describe } from 'vitest'
import { bytesTests } from './transport-bytes.ts'
import { endingTests } from './transport-endings.ts'
import { exchangeTests } from './transport-exchange.ts'
import { limitTests } from './transport-limits.ts'
import { resumeTests } from './transport-resume.ts'
import type { TransportSetup } from './transport-stage.ts'

export { transportContract } from './transport-contract.ts'
export type {
  SuiteClient,
  SuiteHandlers,
  SuiteServer,
  SuiteSession,
  SuiteStatus,
  TransportContract,
} from './transport-contract.ts'
export type { SuiteClientOptions, SuiteServerOptions, TransportSetup } from './transport-stage.ts'

/**
 * What every transport must do, as Vitest's tests: a server and a client that connects by the transport alone, over a
 * link that the suite cuts, freezes and holds. After each test it asserts that nothing is left on either side.
 */
export function transportSuite(name: string, setup: TransportSetup): void {
  describe(`${name}`, () => {
    exchangeTests(setup)
    bytesTests(setup)
    limitTests(setup)
    resumeTests(setup)
    endingTests(setup)
  })
}
