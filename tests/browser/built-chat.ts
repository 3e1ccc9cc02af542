import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

export interface BuiltChat extends AsyncDisposable {
  /** What `node` runs. */
  readonly main: string
}

/** Builds the chat, as `buildExample` does. */
export const buildChat = (): Promise<BuiltChat> => buildExample('chat')

/**
 * Builds an example from sources alone, its own and the packages', into a temporary folder laid out as its dist: the page
 * as `npm start` builds it, and the server in one file, so that it runs wherever it lies.
 */
export async function buildExample(name: 'chat' | 'ticker'): Promise<BuiltChat> {
  const source = fileURLToPath(new URL(`../../examples/${name}/src/`, import.meta.url))
  const folder = await mkdtemp(join(tmpdir(), `typewire-${name}-`))
  // Vitest says `test`, of which React would make its build for development.
  process.env['NODE_ENV'] = 'production'
  await build({
    root: join(source, 'page'),
    build: { outDir: join(folder, 'page'), emptyOutDir: false },
    logLevel: 'warn',
  })
  await build({
    root: source,
    configFile: false,
    build: {
      ssr: 'server/main.ts',
      outDir: join(folder, 'server'),
      emptyOutDir: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: '[name].mjs' } },
    },
    ssr: { noExternal: true, resolve: { conditions: ['@typewire/source', 'module', 'node', 'production'] } },
    logLevel: 'warn',
  })
  return {
    main: join(folder, 'server', 'main.mjs'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
