import { TypewireError } from '@typewire/core'
import { ReceivedParts, type RequestOutcome } from '@typewire/core/internal'

/** What a member answered, on its way to another node: plain JSON. */
export type PackedOutcome =
  | { readonly code: string; readonly message: string }
  /** `at`: which element of the frame had parts, whose annotations stand there; `parts`: in base64. */
  | { readonly frame: readonly unknown[]; readonly at?: number; readonly parts?: readonly string[] }

/** Of an error of the asking side its code and message are told. Takes the parts of an answer: it is read no more here. */
export function packOutcome(outcome: RequestOutcome): PackedOutcome {
  if (outcome instanceof TypewireError) return { code: outcome.code, message: outcome.message }
  const frame: readonly unknown[] = outcome
  const at = frame.findIndex((element) => element instanceof ReceivedParts)
  const received = frame[at]
  if (!(received instanceof ReceivedParts)) return { frame }
  const parts = Array.from({ length: received.left }, (_, index) => toBase64(received.take(index)!))
  return { frame: replaced(frame, at, received.annotations), at, parts }
}

export function unpackOutcome(packed: PackedOutcome): RequestOutcome {
  if ('code' in packed) return new TypewireError(packed.code, packed.message)
  const { frame, at, parts } = packed
  const whole =
    at === undefined ? frame : replaced(frame, at, new ReceivedParts((parts ?? []).map(fromBase64), frame[at]))
  return whole as unknown as RequestOutcome // as a node of this server packed it
}

const replaced = (frame: readonly unknown[], at: number, by: unknown) =>
  frame.map((element, index) => (index === at ? by : element))
const toBase64 = (part: Uint8Array): string => Buffer.from(part.buffer, part.byteOffset, part.length).toString('base64')
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64'))
