import { brokerSuite } from '@typewire/testkit/broker-suite'
import { setups } from './wrong-brokers.ts'

for (const setup of setups) brokerSuite(setup)
