// Runs a mutant's suites on sources of which one line was changed: TYPEWIRE_MUTANT names the mutant.

import { mergeConfig, type Plugin } from 'vitest/config'
import base from '../../vitest.config.ts'
import { mutants } from './mutants.ts'

const mutant = mutants.find(({ name }) => name === process.env['TYPEWIRE_MUTANT'])

const suites = mutant?.suite
  ? [mutant.suite]
  : ['interleavings*', 'bounds', 'model'].map((name) => `tests/resume/${name}`)

const mutate: Plugin = {
  name: 'mutate',
  enforce: 'pre',
  transform: (code, id) =>
    mutant && id.endsWith(`/${mutant.file}`) ? code.replace(mutant.from, mutant.to) : undefined,
}

const config = mergeConfig(base, { plugins: [mutate] })
config.test = {
  ...config.test,
  include: suites.map((suite) => `${suite}.test.ts`),
  ...(mutant?.test ? { testNamePattern: mutant.test } : {}),
  typecheck: { enabled: false },
  bail: 1, // one failure is enough, and where the rules of resume are broken many a test waits for its time limit
  reporters: ['dot'],
}
export default config
