// The brokers that there are, through the suite that any broker has to pass.

import { createMemoryBroker } from '@typewire/server'
import { createDelayingBroker, createFakeClock } from '@typewire/testkit'
import { brokerSuite } from '@typewire/testkit/broker-suite'
import { seed } from './seed.ts'

/** On a clock of its own, which the suite moves. */
function memory() {
  const clock = createFakeClock()
  return { inner: createMemoryBroker({ clock }), pass: clock.advance }
}

brokerSuite({
  name: 'the memory broker',
  create() {
    const { inner, pass } = memory()
    return { ...inner, pass }
  },
})

function delaying(maxTurns?: number) {
  const { inner, pass } = memory()
  const broker = createDelayingBroker({ inner, seed, ...(maxTurns === undefined ? {} : { maxTurns }) })
  return { connect: broker.connect, kill: broker.kill, pass }
}

brokerSuite({ name: `the delaying broker, TYPEWIRE_SEED=${seed}`, create: () => delaying() })

brokerSuite({
  name: 'the delaying broker without a delay: every answer a promise',
  create: () => delaying(0),
})
