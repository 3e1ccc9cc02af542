// How much work an application is for the compiler: procedures of objects of five fields in and out, a server that
// implements all of them, a client that calls a hundred. All peers have the same schemas and the same handlers, and are
// checked on what they publish.
import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const fields = 'z.object({ a: z.string(), b: z.number(), c: z.boolean(), d: z.array(z.string()), e: z.date() })'
const input = "const input = { a: '', b: 1, c: true, d: [''], e: new Date() }"

/** @type {Record<string, (names: string[]) => Record<string, string>>} */
const applications = {
  typewire: (names) => ({
    'contract.ts': `
import { defineContract, procedure, type Named } from '@typewire/core'
import { z } from 'zod'
const contract = defineContract({
  procedures: {
${names.map((name) => `    ${name}: procedure({ input: ${fields}, output: ${fields} }),`).join('\n')}
  },
})
export interface Big extends Named<typeof contract> {}
export const big: Big = contract`,
    'server.ts': `
import { createServer } from '@typewire/server'
import { big } from './contract.ts'
export const server = createServer(big, { authenticate: () => ({ identity: null, user: { name: '' } }) })
server.implement({
  procedures: {
${names.map((name) => `    ${name}: async ({ input, ctx }) => ({ ...input, a: ctx.user.name }),`).join('\n')}
  },
})`,
    'client.ts': `
import { createClient } from '@typewire/client'
import type { Big } from './contract.ts'
const client = createClient<Big>({ url: '' })
${input}
${called(names, (name) => `client.call.${name}(input)`)}`,
  }),
  trpc: (names) => ({
    'server.ts': `
import { initTRPC } from '@trpc/server'
import { z } from 'zod'
const t = initTRPC.context<{ user: { name: string } }>().create()
export const router = t.router({
${names.map((name) => `  ${name}: t.procedure.input(${fields}).output(${fields}).mutation(async ({ input, ctx }) => ({ ...input, a: ctx.user.name })),`).join('\n')}
})
export type Big = typeof router`,
    'client.ts': `
import { createTRPCClient } from '@trpc/client'
import type { Big } from './server.ts'
const client = createTRPCClient<Big>({ links: [] })
${input}
${called(names, (name) => `client.${name}.mutate(input)`)}`,
  }),
  orpc: (names) => ({
    'server.ts': `
import { os } from '@orpc/server'
import { z } from 'zod'
const base = os.$context<{ user: { name: string } }>()
export const router = {
${names.map((name) => `  ${name}: base.input(${fields}).output(${fields}).handler(async ({ input, context }) => ({ ...input, a: context.user.name })),`).join('\n')}
}
export type Big = typeof router`,
    'client.ts': `
import { createORPCClient } from '@orpc/client'
import type { RPCLink } from '@orpc/client/websocket'
import type { RouterClient } from '@orpc/server'
import type { Big } from './server.ts'
declare const link: RPCLink<{}>
const client: RouterClient<Big> = createORPCClient(link)
${input}
${called(names, (name) => `client.${name}(input)`)}`,
  }),
}

/**
 * @param {string[]} names
 * @param {(name: string) => string} call
 */
const called = (names, call) =>
  names
    .slice(0, 100)
    .map((name) => `export const ${name}: string = (await ${call(name)}).a`)
    .join('\n')

const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc')
const flags = ['-p', '.', '--extendedDiagnostics', '--singleThreaded']
const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
}

/**
 * @param {Record<string, string>} files
 * @param {readonly string[]} customConditions
 * @returns {Promise<{ instantiations: number, seconds: number }>}
 */
async function check(files, customConditions) {
  const folder = await mkdtemp(join(tmpdir(), 'typewire-bench-'))
  try {
    await symlink(
      fileURLToPath(new URL('../../node_modules', import.meta.url)),
      join(folder, 'node_modules'),
      'junction',
    )
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, customConditions }, include: ['*.ts'] }),
    )
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text)
    const output = await new Promise((resolve) => {
      execFile(process.execPath, [tsc, ...flags], { cwd: folder, maxBuffer: 1 << 26 }, (_error, stdout) =>
        resolve(stdout),
      )
    })
    if (output.includes('error TS')) throw new Error(output.slice(0, 2_000))
    return {
      instantiations: Number(/^Instantiations:\s+(\d+)/m.exec(output)?.[1]),
      seconds: Number(/^Total time:\s+([\d.]+)/m.exec(output)?.[1]),
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const sizes = [100, 1_000, 3_000]

/** @type {import('../types.ts').LoneScenario<{ procedures: number[] }>} */
export const types = {
  name: 'types',
  title: 'Type-checking an application',
  sizes: {
    full: { rounds: 1, procedures: sizes },
    quick: { rounds: 1, procedures: [100] },
    smoke: { rounds: 1, procedures: [1] },
  },
  metrics: Object.fromEntries(
    sizes.flatMap((count) => {
      const of = `${count.toLocaleString('en')} procedures`
      return [
        [`instantiations${count}`, { title: `instantiations per procedure, ${of}`, unit: 'types', best: 'least' }],
        [`seconds${count}`, { title: `time, ${of}`, unit: 's', best: 'least' }],
      ]
    }),
  ),
  async rows({ procedures }, peers, { conditions }) {
    /** @type {Record<string, Record<string, number>>} */
    const rows = {}
    for (const count of procedures) {
      const names = Array.from({ length: count }, (_, index) => `p${index}`)
      for (const [peer, write] of Object.entries(applications)) {
        if (!peers.includes(peer)) continue
        const { instantiations, seconds } = await check(write(names), conditions)
        const row = (rows[peer] ??= {})
        row[`instantiations${count}`] = instantiations / count
        row[`seconds${count}`] = seconds
      }
    }
    return rows
  },
}
