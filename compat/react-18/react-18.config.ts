// Runs the tests of the React hooks under React 18.

import { fileURLToPath } from 'node:url'
import { mergeConfig } from 'vitest/config'
import base from '../../vitest.config.ts'

const installed = (name: string) => fileURLToPath(new URL(`node_modules/${name}`, import.meta.url))

const config = mergeConfig(base, {
  resolve: { alias: { react: installed('react'), 'react-dom': installed('react-dom') } },
})
config.test = {
  ...config.test,
  include: ['tests/react/**/*.test.tsx'],
  // What is installed for React 19 else, TanStack Query, has its React from here too.
  server: { deps: { inline: [/@tanstack/] } },
  typecheck: { enabled: false },
  retry: 0,
  reporters: ['json'],
}
export default config
