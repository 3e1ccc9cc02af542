// What each client adds to a page, bundled for browsers, minified and gzipped, with what it needs to speak by WebSocket.
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { lean, whole } from '../../scripts/client-entries.mjs'

const entries = {
  'socket.io': "export { io } from 'socket.io-client'",
  trpc: "export { createTRPCClient, createWSClient, wsLink } from '@trpc/client'",
  'trpc-superjson':
    "export { createTRPCClient, createWSClient, wsLink } from '@trpc/client'\nexport { default as superjson } from 'superjson'",
  orpc: "export { createORPCClient } from '@orpc/client'\nexport { RPCLink } from '@orpc/client/websocket'",
  capnweb: "export { newWebSocketRpcSession } from 'capnweb'",
  typewire: whole,
}
/** Of Typewire as well, by what is shown. */
const small = { 'Typewire, lean': lean(), 'Typewire, lean with rich types': lean('richTypes') }

/**
 * @param {string} contents
 * @param {readonly string[]} conditions
 */
async function measure(contents, conditions) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    conditions: ['module', ...conditions],
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    write: false,
    logLevel: 'error',
  })
  const code = outputFiles[0]?.contents ?? new Uint8Array()
  return { minified: code.length / 1_000, gzipped: gzipSync(code, { level: 9 }).length / 1_000 }
}

/** @type {import('../types.ts').LoneScenario<{}>} */
export const bundle = {
  name: 'bundle',
  title: 'The client in a page',
  sizes: { full: { rounds: 1 }, quick: { rounds: 1 }, smoke: { rounds: 1 } },
  metrics: {
    gzipped: { title: 'minified, gzipped', unit: 'kB', best: 'least' },
    minified: { title: 'minified', unit: 'kB', best: 'least' },
  },
  async rows(_size, peers, { conditions }) {
    /** @type {Record<string, import('../types.ts').Values>} */
    const rows = {}
    for (const [name, entry] of Object.entries(entries)) {
      if (peers.includes(name)) rows[name] = await measure(entry, conditions)
    }
    for (const [label, entry] of Object.entries(small)) {
      if (peers.includes('typewire')) rows[label] = await measure(entry, conditions)
    }
    return rows
  },
}
