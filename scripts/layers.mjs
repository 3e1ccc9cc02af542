// Proves that the linter's rules on directions fire: lints small files that break each of them, and some that do not.
// (The linter passes silently over a pattern that it cannot use, so the configuration alone proves nothing.)
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fail, root, run } from './lib.mjs'

/** @type {Record<string, { allowed: string[], refused: string[] }>} */
const table = {
  'packages/core/src/util/x.ts': {
    allowed: ['./y.ts'],
    refused: ['../errors/y.ts', '../contract/y.ts', 'superjson', 'node:fs'],
  },
  'packages/core/src/errors/x.ts': {
    allowed: ['./y.ts', '../util/y.ts'],
    refused: ['../protocol/y.ts', '../contract/y.ts', '../index.ts'],
  },
  'packages/core/src/contract/x.ts': {
    allowed: ['../errors/y.ts', '../util/y.ts'],
    refused: ['../protocol/y.ts', '../codec/y.ts', '../session/y.ts', 'zod'],
  },
  'packages/core/src/protocol/x.ts': {
    allowed: ['../codec/y.ts', '../errors/y.ts'],
    refused: ['../session/y.ts', '../internal.ts', 'ws'],
  },
  'packages/core/src/codec/x.ts': {
    allowed: ['../contract/y.ts', '../protocol/y.ts'],
    refused: ['superjson', '../session/y.ts', '../index.ts', 'zod'],
  },
  'packages/core/src/session/x.ts': {
    allowed: ['../codec/y.ts', '../protocol/y.ts'],
    refused: ['../index.ts', '../broker.ts', 'node:timers'],
  },
  'packages/core/src/snapshot/x.ts': {
    allowed: ['./y.ts', '../contract/y.ts', '../util/y.ts'],
    refused: ['../session/y.ts', '../protocol/y.ts', '../index.ts', 'zod', 'node:crypto'],
  },
  'packages/core/src/x.ts': {
    allowed: ['./util/y.ts'],
    refused: ['./index.ts', './internal.ts', 'zod', '@typewire/server'],
  },
  'packages/server/src/x.ts': {
    allowed: ['./y.ts', '@typewire/core', '@typewire/core/internal', '@typewire/core/snapshot', 'ws', 'node:http'],
    refused: [
      '@typewire/client',
      '@typewire/testkit',
      'zod',
      '../../core/src/util/y.ts',
      './index.ts',
      '@opentelemetry/api',
    ],
  },
  'packages/server/src/rooms/x.ts': {
    allowed: ['../y.ts'],
    refused: ['../index.ts', '@typewire/client', '../../../core/src/y.ts'],
  },
  'packages/client/src/x.ts': {
    allowed: ['./y.ts', '@typewire/core', '@typewire/core/internal', '#websocket', '#http-post'],
    refused: [
      '@typewire/server',
      'ws',
      'node:http',
      'zod',
      './transports/websocket-node.ts',
      './transports/http-post-node.ts',
      '../../server/src/y.ts',
    ],
  },
  'packages/client/src/transports/x-node.ts': {
    allowed: ['../y.ts', 'ws', '@typewire/core'],
    refused: ['@typewire/server', 'zod'],
  },
  'packages/server/src/opentelemetry.ts': {
    allowed: ['./y.ts', '@typewire/core', '@opentelemetry/api'],
    refused: ['ws', '@typewire/client', './index.ts', '@opentelemetry/sdk-trace-base'],
  },
  'packages/client/src/opentelemetry.ts': {
    allowed: ['./y.ts', '@typewire/core', '@opentelemetry/api'],
    refused: ['ws', '@typewire/server', './index.ts'],
  },
  'packages/react/src/x.ts': {
    allowed: ['./y.ts', 'react', '@typewire/client', '@typewire/client/views', '@typewire/core'],
    refused: [
      '@typewire/server',
      '@typewire/core/internal',
      '@tanstack/react-query',
      'react-dom',
      './index.ts',
      '../../client/src/y.ts',
    ],
  },
  'packages/react/src/query.ts': {
    allowed: ['./y.ts', 'react', '@typewire/client/views', '@tanstack/react-query'],
    refused: ['@typewire/server', 'zod'],
  },
  'packages/cli/src/commands/x.ts': {
    allowed: [
      '../y.ts',
      '@typewire/core',
      '@typewire/core/snapshot',
      '@typewire/client',
      'commander',
      'jiti',
      'node:fs',
    ],
    refused: ['@typewire/server', '@typewire/react', 'zod', '../index.ts', '../../../core/src/y.ts'],
  },
  'packages/testkit/src/suites/x.ts': {
    allowed: ['../y.ts', '@typewire/core', 'ws'],
    refused: ['@typewire/server', '@typewire/client', 'zod'],
  },
}
// No clock, no platform in core.
const banned = [
  'setTimeout(f)',
  'setInterval(f)',
  'Date.now()',
  'performance.now()',
  'process.exit()',
  'Buffer.from([])',
  'document.title',
  'window.open()',
]

const scratch = mkdtempSync(join(tmpdir(), 'typewire-layers-'))
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
cpSync(join(root, '.oxlintrc.json'), join(scratch, '.oxlintrc.json'))

/**
 * @param {string} file
 * @param {string} text
 */
function write(file, text) {
  mkdirSync(join(scratch, dirname(file)), { recursive: true })
  writeFileSync(join(scratch, file), text)
}

/** @type {Map<string, boolean>} whether a line must be reported */
const expected = new Map()
for (const [file, { allowed, refused }] of Object.entries(table)) {
  write(file, [...allowed, ...refused].map((specifier) => `import '${specifier}'\n`).join(''))
  for (const [index, specifier] of [...allowed, ...refused].entries()) {
    expected.set(`${file}:${index + 1}: import '${specifier}'`, refused.includes(specifier))
  }
}
write('packages/core/src/session/clock.ts', banned.map((expression) => `void ${expression}\n`).join(''))
for (const [index, expression] of banned.entries())
  expected.set(`packages/core/src/session/clock.ts:${index + 1}: ${expression}`, true)
for (const [file, other] of [
  ['a', 'b'],
  ['b', 'a'],
]) {
  write(
    `packages/core/src/cycle-${file}.ts`,
    `import { ${other} } from './cycle-${other}.ts'\nexport const ${file} = () => ${other}()\n`,
  )
  expected.set(`packages/core/src/cycle-${file}.ts:1: a cycle`, true)
  write(
    `packages/core/src/types-${file}.ts`,
    `import type { ${other} } from './types-${other}.ts'\nexport type ${file} = ${other}[]\n`,
  )
  expected.set(`packages/core/src/types-${file}.ts:1: a cycle of types`, false)
}

const { output } = run(['oxlint', '--format=unix'], { cwd: scratch })
const reported = new Set(
  output
    .split('\n')
    .filter((line) => /no-restricted-|no-cycle/.test(line))
    .map((line) => /^(.+?:\d+):/.exec(line)?.[1]?.replaceAll('\\', '/')),
)
const wrong = [...expected].filter(([place, refused]) => reported.has(/^.+?:\d+/.exec(place)?.[0]) !== refused)
if (wrong.length > 0) {
  const lines = wrong.map(
    ([place, refused]) => `${place}: ${refused ? 'must be refused, and was not' : 'is allowed, and was refused'}`,
  )
  fail('.oxlintrc.json does not hold the directions above.', lines.join('\n'))
}
console.log(`${expected.size} imports and globals are allowed and refused as they must be.`)
