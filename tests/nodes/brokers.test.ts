// The brokers that there are, through the suite that any broker has to pass.

import { createMemoryBroker } from '@typewire/server'
import { createDelayingBroker } from '@typewire/testkit'
import { brokerSuite } from '@typewire/testkit/broker-suite'
import { seed } from './seed.ts'

brokerSuite({ name: 'the memory broker', create: createMemoryBroker })

brokerSuite({
  name: `the delaying broker, TYPEWIRE_SEED=${seed}`,
  create: () => createDelayingBroker({ inner: createMemoryBroker(), seed }),
})

brokerSuite({
  name: 'the delaying broker without a delay: every answer a promise',
  create: () => createDelayingBroker({ inner: createMemoryBroker(), seed, maxTurns: 0 }),
})
