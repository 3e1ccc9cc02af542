import type { Command } from 'commander'
import type { ContractSnapshot } from '@typewire/core/snapshot'
import { CliError } from '../../cli-error.ts'
import { exitCodes } from '../../exit-codes.ts'
import { type Generator, type Made, oneLine } from '../generator.ts'
import { ContractTypes } from './contract-types.ts'
import { pascalCase, TypeNames } from './names.ts'
import { quoted } from './text.ts'

export interface TypescriptOptions {
  readonly name?: string
  readonly lean?: true
}

/** A client of a contract as a module and its declarations, which need the package of the client and nothing else. */
export const typescript: Generator<TypescriptOptions> = {
  name: 'typescript',
  summary: 'a typed client: a module and its declarations, which need @typewire/client alone',
  description:
    'A typed client: a module (.js) and its declarations (.d.ts), for applications that have no access to the contract. They import ' +
    '@typewire/client and nothing else: no schema library, no code of the server.',
  out: 'typewire-client.js',
  addOptions: addTypescriptOptions,
  generate(snapshot, made, options) {
    const [, path, extension] = /^(.+)\.(js|mjs)$/.exec(made.out) ?? []
    if (path === undefined || extension === undefined)
      throw new CliError(
        `--out ${made.out} is no name of a module. Its declarations are written beside it, so give one that ends in .js or .mjs: --out ${made.out.replace(/(\.d)?\.[cm]?tsx?$/, '')}.js`,
        exitCodes.usage,
      )
    return {
      [made.out]: moduleText(snapshot, made, options),
      [`${path}.d.${extension === 'js' ? 'ts' : 'mts'}`]: declarationsText(snapshot, made, options),
    }
  },
}

function addTypescriptOptions(command: Command): void {
  command
    .option('--name <name>', 'what to call the contract: chat gives Chat and createChatClient (default: its export)')
    .option('--lean', 'take createClient of @typewire/client/lean, which gets its parts by the option "use"')
    .addHelpText(
      'after',
      '\nExamples:\n  typewire generate typescript src/contract.ts --out src/generated/chat.js\n  typewire generate typescript typewire.json --out src/generated/chat.js --watch\n  typewire generate typescript git:main --name chat --out chat.js --check    # in CI',
    )
}

const clientModule = '@typewire/client'
const leanModule = '@typewire/client/lean'

function moduleText(snapshot: ContractSnapshot, made: Made, options: TypescriptOptions): string {
  const from = options.lean ? leanModule : clientModule
  return `${headerText(made, options)}// @ts-nocheck: its types are in the declarations beside it.

import { createClient } from '${from}'

export const fingerprint = ${quoted(snapshot.fingerprint)}

export function create${contractName(snapshot, options)}Client(options) {
  return createClient({ fingerprint, ...options })
}
`
}

function declarationsText(snapshot: ContractSnapshot, made: Made, options: TypescriptOptions): string {
  const names = new TypeNames()
  const plain = contractName(snapshot, options)
  const [name, client, clientOptions] = [plain, `${plain}Client`, `${plain}ClientOptions`].map((part) =>
    names.claim(part),
  )
  const types = new ContractTypes(snapshot, names, plain)
  const contract = types.contract(snapshot, name!)
  const optionsOf = types.import(options.lean ? 'LeanClientOptions' : 'ClientOptionsOf')
  const head = `export type ${clientOptions} = ${optionsOf}<${name}>
export type ${client} = ${types.import('Client')}<${name}>

/** Of the contract that this was made from. The server compares it with that of its own. */
export declare const fingerprint: string

/**
 * Creates a client of the contract: \`create${plain}Client({ url })\`.
 * @throws TypeError for a URL that is none; RangeError for a number out of its range.
 */
export declare function create${plain}Client(options: ${clientOptions}): ${client}`
  const imports = [...types.imports].sort(([a], [b]) => (a < b ? -1 : 1))
  const [ofLean, ofClient] = [true, false].map((isLean) =>
    imports.filter(([there]) => (there === 'LeanClientOptions') === isLean),
  )
  const imported = importText(ofClient!, clientModule) + importText(ofLean!, leanModule)
  const parts = [head, contract, ...types.namespaces, ...types.payloads, ...types.definitions()]
  return `${headerText(made, options)}\n${imported}\n${parts.join('\n\n')}\n`
}

/** @param names the name there, and here */
function importText(names: readonly (readonly [string, string])[], from: string): string {
  if (names.length === 0) return ''
  const texts = names.map(([there, here]) => (there === here ? there : `${there} as ${here}`))
  const inline = `import type { ${texts.join(', ')} } from '${from}'\n`
  return inline.length <= 100
    ? inline
    : `import type {\n${texts.map((text) => `  ${text},\n`).join('')}} from '${from}'\n`
}

function headerText({ header: [how, ...rest] }: Made, { name, lean }: TypescriptOptions): string {
  const flags = `${name === undefined ? '' : ` --name ${name}`}${lean ? ' --lean' : ''}`
  return [`${how}${flags}`, ...rest].map((line) => `// ${oneLine(line)}\n`).join('')
}

/** `chat`, `chatContract` → `Chat`. */
function contractName(snapshot: ContractSnapshot, options: TypescriptOptions): string {
  return pascalCase([options.name ?? snapshot.name ?? 'contract']).replace(/(?<=.)Contract$/, '')
}
