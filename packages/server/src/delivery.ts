import type { Publication } from '@typewire/core'
import { type EncodedPayload, frameOf, frames, lengthOf, nothing, type Session } from '@typewire/core/internal'
import type { OutgoingEvent } from './compile.ts'
import type { EncodedEvent } from './outgoing.ts'

// How events that ask for no ack go to sessions, by what their contract declares.

/** What is published of an event: how it is delivered is decided once, where it is emitted. */
export function publicationOf(event: OutgoingEvent, encoded: EncodedEvent, isVolatile = false): Publication {
  const { payload, key } = encoded
  const publication =
    typeof payload === 'string'
      ? { event: event.name, payload }
      : { event: event.name, payload: payload.text, parts: payload.parts }
  if (isVolatile || event.delivery === 'volatile') return { ...publication, volatile: true }
  return key === undefined ? publication : { ...publication, latestKey: key }
}

/** The payload of a publication, as it ends a frame. */
export function payloadOf({ payload, parts }: Pick<Publication, 'payload' | 'parts'>): EncodedPayload {
  return parts ? { text: payload, parts } : payload
}

/** How long a publication's payload is, in UTF-16 units of text and bytes of parts. */
export function lengthOfPublication({ payload, parts }: Pick<Publication, 'payload' | 'parts'>): number {
  return lengthOf({ text: payload, parts })
}

/** Whether the history of a room may keep it: what a member may be left out of is no part of it. */
export function mayBeKept({ volatile, latestKey }: Publication): boolean {
  return !volatile && latestKey === undefined
}

/**
 * Gives an event to one session after the other: one frame for all of them, built once (EV-4, RM-5). `room`: its number,
 * or 0 for an event of no room; `offset`: where it stands in the room's history. The name is one of the contract's, which need no escaping.
 */
export function delivery(
  event: OutgoingEvent,
  room: number,
  publication: Publication,
  offset?: number,
): (to: Session) => void {
  const { name } = event
  const { volatile, latestKey: key } = publication
  const payload = payloadOf(publication)
  if (volatile) {
    const frame = frameOf(`[${frames.volatileEvent.kind},${room},"${name}",0`, payload) // DL-1
    return (wire) => wire.sendVolatile(frame)
  }
  const head = room === 0 ? `[${frames.event.kind},0` : `[${frames.roomEvent.kind},0,${room}`
  const content = frameOf(`${head},"${name}",${optionsText(0, event, offset)}`, payload)
  const frame = key === undefined ? content : { ...content, key: `${keysOf(room)}${name} ${key}` }
  return (wire) => wire.send(frame)
}

/** What the keys of all frames of a room begin with. */
export const keysOf = (room: number): string => `${room} `

/** Whether the ack that is asked for carries data is the contract's to say, which the client need not know (EV-2). */
export function optionsText(id: number, { ack }: OutgoingEvent, offset?: number): string {
  const isReceipt = id > 0 && ack === nothing
  if (offset === undefined) return isReceipt ? '{"receipt":true}' : '0'
  return isReceipt ? `{"receipt":true,"offset":${offset}}` : `{"offset":${offset}}`
}
