/// <reference lib="esnext.disposable" preserve="true" />
// A client whose messages somebody looks at: for tools that show what travels. Unstable: it may change in any release.
import type { AnyContract } from '@typewire/core'
import type { Part } from '@typewire/core/internal'
import { composeClient } from './compose-client.ts'
import { allParts } from './client.ts'
import type { NamedTransport } from './connection/round.ts'
import type { TransportName } from './transports/open-transport.ts'
import type { Client, ClientOptionsOf } from './types.ts'

export { noAnswer } from './no-answer.ts'

/** Told of all that a client's transports do. What it is told may hold credentials. It must not throw. */
export interface TransportWatch {
  /** A batch of frames leaves, or has come: before the client itself looks at it. */
  readonly onBatch: (
    direction: 'sent' | 'received',
    text: string,
    parts: readonly Part[] | undefined,
    transport: TransportName,
  ) => void
  readonly onState: (state: LinkState, transport: TransportName) => void
}

export type LinkState =
  | { readonly name: 'opening' | 'open' }
  | { readonly name: 'closed'; readonly code: number; readonly reason: string }

/** Creates a client with all parts. @throws TypeError for a URL that is none; RangeError for a number out of its range. */
export function createWatchedClient<C extends AnyContract>(
  options: ClientOptionsOf<C>,
  watch: TransportWatch,
): Client<C> {
  return composeClient(options, allParts, (transports) => transports.map((transport) => watched(transport, watch)))
}

function watched([name, open]: NamedTransport, watch: TransportWatch): NamedTransport {
  return [
    name,
    (url, events, means) => {
      watch.onState({ name: 'opening' }, name)
      const transport = open(
        url,
        {
          ...events,
          onOpen: () => {
            watch.onState({ name: 'open' }, name)
            events.onOpen()
          },
          onMessage: (text, parts) => {
            watch.onBatch('received', text, parts, name)
            events.onMessage(text, parts)
          },
          onClose: (code, reason) => {
            watch.onState({ name: 'closed', code, reason }, name)
            events.onClose(code, reason)
          },
        },
        means,
      )
      return {
        ...transport,
        send: (text, parts) => {
          watch.onBatch('sent', text, parts, name)
          transport.send(text, parts)
        },
      }
    },
  ]
}
