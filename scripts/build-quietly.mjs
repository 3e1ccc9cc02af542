// Builds the named workspaces and what they depend on; says little unless the build fails.
// usage: node scripts/build-quietly.mjs WORKSPACE…
import { fail, run } from './lib.mjs'

const workspaces = process.argv.slice(2)
console.log(`Building ${workspaces.join(', ')} …`)
const build = run([
  'turbo',
  'run',
  'build',
  ...workspaces.map((name) => `--filter=${name}`),
  '--output-logs=errors-only',
])
if (!build.ok) fail('The build failed (above).', build.output)
