// Runs the suite of brokers on those that are wrong.

import { mergeConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

const config = mergeConfig(base, {})
config.test = {
  ...config.test,
  include: ['tests/nodes/wrong-brokers.suite.ts'],
  typecheck: { enabled: false },
  retry: 0,
  reporters: ['json'],
}
export default config
