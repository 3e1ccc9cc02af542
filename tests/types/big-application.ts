// Writes an application of many procedures: zod objects of five fields in and out, a server with a handler for each, a
// client that calls a hundred.

const fields = 'z.object({ a: z.string(), b: z.number(), c: z.boolean(), d: z.array(z.string()), e: z.date() })'

/** The sources, by file name. */
export function writeBigApplication(
  procedures: number,
): Readonly<Record<'contract.ts' | 'server.ts' | 'client.ts', string>> {
  const names = Array.from({ length: procedures }, (_, index) => `p${index}`)
  return {
    'contract.ts': `
import { defineContract, procedure, type Named } from '@typewire/core'
import { z } from 'zod'
const contract = defineContract({
  procedures: {
${names.map((name) => `    ${name}: procedure({ input: ${fields}, output: ${fields} }),`).join('\n')}
  },
})
export interface Big extends Named<typeof contract> {}
export const big: Big = contract
`,
    'server.ts': `
import { createServer } from '@typewire/server'
import { big } from './contract.ts'
export const server = createServer(big, { authenticate: () => ({ identity: null, user: { name: '' } }) })
server.implement({
  procedures: {
${names.map((name) => `    ${name}: async ({ input, ctx }) => ({ ...input, a: ctx.user.name }),`).join('\n')}
  },
})
`,
    'client.ts': `
import { createClient } from '@typewire/client'
import type { Big } from './contract.ts'
const client = createClient<Big>({ url: '' })
const input = { a: '', b: 1, c: true, d: [''], e: new Date() }
${names
  .slice(0, 100)
  .map((name) => `export const ${name}: string = (await client.call.${name}(input)).a`)
  .join('\n')}
`,
  }
}
