import { defineConfig } from 'vitest/config'

// Siblings resolve to their sources, so that no build step comes before the tests.
// Not `module`, which is for bundlers: Node cannot load all that packages have there.
const conditions = ['@typewire/source', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'examples/**/*.test.ts',
      'tests/**/*.test.{ts,tsx}',
      'compat/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**'],
    reporters: process.env['CI']
      ? ['default', ['json', { outputFile: 'node_modules/.cache/vitest.json' }]]
      : ['default'],
    pool: 'threads',
    maxWorkers: '100%',
    testTimeout: 20_000,
    // Browsers, proxies and sockets on a machine that others use: one more try in CI, which the report shows.
    retry: process.env['CI'] ? 1 : 0,
    hookTimeout: 20_000,
    dangerouslyIgnoreUnhandledErrors: false,
    typecheck: {
      enabled: true,
      include: ['packages/*/src/**/*.test-d.ts', 'examples/**/*.test-d.ts', 'tests/**/*.test-d.ts'],
      exclude: ['**/node_modules/**', '**/dist/**'],
      tsconfig: 'tsconfig.test-d.json',
    },
  },
})
