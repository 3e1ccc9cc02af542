import type { ContractSnapshot } from '@typewire/core/snapshot'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import { DocumentWriter, type Json } from './asyncapi/document-writer.ts'
import { addNamespace } from './asyncapi/namespace.ts'
import type { Generator, Made } from './generator.ts'

export interface AsyncApiOptions {
  /** Where the server is: `wss://example.com/typewire`. */
  readonly server?: string
  readonly title?: string
  /** `0.0.0`, where nothing is said: a contract has a fingerprint, and no version. */
  readonly apiVersion?: string
}

/** A contract as AsyncAPI 3.1, of which the server is the application: what clients send it receives. */
export const asyncApi: Generator<AsyncApiOptions> = {
  name: 'asyncapi',
  summary: 'an AsyncAPI 3.1 document',
  description:
    'An AsyncAPI 3.1 document, as JSON. The application that it describes is the server: what clients send are operations of the ' +
    'action `receive`, with replies; what they get are those of `send`. Rooms are channels of their own.',
  out: 'asyncapi.json',
  addOptions: (command) =>
    void command
      .option('--server <url>', 'where the server is: wss://example.com/typewire')
      .option('--title <text>', "the document's title, if not the contract's name")
      .option('--api-version <version>', 'the version of what is described (default: "0.0.0")')
      .addHelpText(
        'after',
        '\nExamples:\n  typewire generate asyncapi src/contract.ts\n  typewire generate asyncapi typewire.json --server wss://example.com --title "Chat" --api-version 2.1.0',
      ),
  generate: (snapshot, made, options) => ({
    [made.out]: `${JSON.stringify(documentOf(snapshot, made, options), null, 2)}\n`,
  }),
}

function documentOf(snapshot: ContractSnapshot, made: Made, options: AsyncApiOptions): Json {
  const writer = new DocumentWriter(snapshot.$defs ?? {})
  addNamespace(writer, snapshot, { place: '', path: '' })
  const { channels, operations, components } = writer
  return {
    asyncapi: '3.1.0',
    'x-typewire-made': made.header,
    info: {
      title: options.title ?? snapshot.name ?? 'contract',
      version: options.apiVersion ?? '0.0.0',
      description: about,
      'x-typewire-fingerprint': snapshot.fingerprint,
    },
    defaultContentType: 'application/json',
    ...(options.server !== undefined && { servers: { main: serverOf(options.server) } }),
    channels,
    operations,
    components,
  }
}

const about =
  'The application that this document describes is the server: what clients send are operations with the action `receive`, what ' +
  'they get are those with `send`.\n\n' +
  'All travels over one connection as frames of the Typewire protocol: the payload of a message is the last element of its frame, ' +
  'and its headers are the others. The address of a channel is the name on the wire. ' +
  'Values that JSON cannot say are described as they are written, with their type in `x-typewire-type`.'

function serverOf(text: string): Json {
  const url = URL.canParse(text) ? new URL(text) : null
  const protocol = protocols[url?.protocol ?? '']
  if (url === null || protocol === undefined)
    throw new CliError(
      `--server ${text} is no address of a server. Give one that begins with wss://, ws://, https:// or http://.`,
      exitCodes.usage,
    )
  // As the client reads it.
  const pathname = url.pathname.replace(/\/$/, '') || '/typewire'
  return { host: url.host, protocol, pathname, title: 'Typewire', protocolVersion: '13' }
}

const protocols: Readonly<Record<string, string>> = { 'ws:': 'ws', 'http:': 'ws', 'wss:': 'wss', 'https:': 'wss' }
