// Everything that CI holds, in order; stops at the first failure.
import { fail, run } from './lib.mjs'

/** @type {[script: string, what: string][]} */
const steps = [
  ['lint', 'format and lint'],
  ['types', 'types'],
  ['layers', 'the directions of imports'],
  ['test', 'tests'],
  ['build', 'build'],
  ['packages', 'packages'],
  ['size', 'size of the client'],
  ['clauses', 'clauses of the protocol'],
]

for (const [script, what] of steps) {
  console.log(`\n— ${what} (npm run ${script})`)
  const startedMs = performance.now()
  if (!run(['npm', 'run', '--silent', script], { show: true }).ok)
    fail(`\nNot ok: ${what}. Try again with: npm run ${script}`)
  console.log(`— ${what}: ok, ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
}
console.log('\nOk: all checks passed.')
