import type { Described, EventSnapshot, EventsSnapshot } from '@typewire/core/snapshot'
import type { DocumentWriter, Json, MessageParts } from './document-writer.ts'

/** Where one is: `namespaces.admin.` in the contract, `admin/` on the wire. */
export interface At {
  readonly place: string
  readonly path: string
}

export interface DescribedEvent {
  readonly direction: 'toServer' | 'toClient'
  readonly name: string
  readonly parts: Omit<Parameters<DocumentWriter['operation']>[1], 'channel'>
}

/** @param frame what carries them @param headers what all of them have */
export function describeEvents(
  events: EventsSnapshot,
  wireNameOf: (name: string) => string,
  frame: string,
  headers: Json,
): { readonly messages: Record<string, MessageParts>; readonly operations: readonly DescribedEvent[] } {
  const messages: Record<string, MessageParts> = {}
  const operations: DescribedEvent[] = []
  for (const direction of ['toServer', 'toClient'] as const) {
    for (const [name, event] of Object.entries(events[direction] ?? {})) {
      const message = `${direction}.${name}`
      const hasAck = event.ack !== undefined
      messages[message] = {
        title: name,
        ...toldOf(event),
        headers: { frame: frameOf(event, frame), name: wireNameOf(name), ...headers },
        payload: event.payload,
        isCorrelated: hasAck,
      }
      if (hasAck) {
        messages[`${message}.ack`] = {
          title: `the ack of ${name}`,
          headers: { frame: 'result' },
          payload: event.ack,
          isCorrelated: true,
        }
      }
      operations.push({
        direction,
        name,
        parts: {
          action: direction === 'toServer' ? 'receive' : 'send',
          title: wireNameOf(name),
          ...toldOf(event),
          messages: [message],
          ...(hasAck && { replies: [`${message}.ack`, 'failed'] }),
          extensions: {
            'x-typewire-kind': 'event',
            'x-typewire-delivery': event.delivery ?? 'reliable',
            ...(event.keyed && { 'x-typewire-keyed': true }),
          },
        },
      })
    }
  }
  return { messages, operations }
}

const frameOf = ({ delivery }: EventSnapshot, frame: string) => (delivery === 'volatile' ? 'volatileEvent' : frame)

export function toldOf({ description, deprecated }: Described): Described {
  return { ...(description !== undefined && { description }), ...(deprecated !== undefined && { deprecated }) }
}
