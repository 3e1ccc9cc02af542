import { maxNesting } from '../codec/nesting.ts'
import { type Part, ReceivedParts } from '../codec/parts.ts'
import { type ElementType, type Frame, type FrameEntry, frames } from './frames.ts'
import { malformed, type ProtocolError } from './protocol-error.ts'
import { isCount } from '../util/types.ts'

/** A frame of a kind that this version does not know. It is counted like any other of its range, and ignored (FR-2). */
export type UnknownFrame = readonly [kind: number, ...unknown[]]

export { maxNesting }

/** Text, numbers and names are short; a payload is bounded by the message. In characters. */
const maxTextLength = 1_024

/**
 * The frames of a message, or the clause that it breaks. Never throws: not for any text.
 * The frames are what JSON.parse made, checked, not copied. Parts go with the payload of the one frame that they are of.
 */
export function parseBatch(text: string, parts?: readonly Part[]): readonly (Frame | UnknownFrame)[] | ProtocolError {
  if (isNestedDeeper(text, maxNesting)) return malformed('WR-5', `nested deeper than ${maxNesting}`)
  let batch: unknown
  try {
    batch = JSON.parse(text)
  } catch {
    return malformed('WR-4', 'the message is not JSON')
  }
  if (!Array.isArray(batch)) return malformed('WR-1', 'the message is not an array of frames')
  for (const frame of batch as readonly unknown[]) {
    const error = checkFrame(frame)
    if (error) return error
  }
  if (parts) {
    if (batch.length !== 1) return malformed('WR-9', `a batch of ${batch.length} frames with parts`)
    addParts(batch[0] as unknown[], parts)
  }
  return batch as (Frame | UnknownFrame)[]
}

/** Where a frame has no payload, or nobody knows its kind, its parts are ignored like other elements (FR-2, FR-3). */
function addParts(frame: unknown[], parts: readonly Part[]): void {
  const elements = rows[frame[0] as number]?.elements ?? []
  const [, type] = elements.at(-1) ?? []
  if (type !== 'payload') return
  const payloadAt = elements.length
  if (frame.length <= payloadAt) frame[payloadAt] = undefined
  frame[payloadAt + 1] = new ReceivedParts(parts, frame[payloadAt + 1])
}

interface Row {
  readonly name: string
  readonly elements: readonly (readonly [name: string, type: ElementType])[]
}

const rows: readonly (Row | undefined)[] = (() => {
  const table: Row[] = []
  for (const [name, { kind, elements }] of Object.entries(frames) as [string, FrameEntry][]) {
    table[kind] = { name, elements: Object.entries(elements) }
  }
  return table
})()

function checkFrame(frame: unknown): ProtocolError | undefined {
  if (!Array.isArray(frame)) return malformed('FR-1', 'a frame is not an array')
  const kind: unknown = frame[0]
  if (!isCount(kind)) return malformed('FR-1', "a frame's kind is not a number")
  const row = rows[kind]
  if (row === undefined) return undefined // FR-2
  const { elements } = row
  for (let i = 0; i < elements.length; i++) {
    const [name, type] = elements[i]!
    if (!fits(frame[i + 1], type)) return malformed('FR-4', `${row.name}.${name} is missing or wrong`)
  }
  return undefined
}

function fits(value: unknown, type: ElementType): boolean {
  switch (type) {
    case 'count':
      return isCount(value)
    case 'id':
      return isCount(value) && value > 0
    case 'text':
      return typeof value === 'string' && value.length <= maxTextLength
    case 'options':
      return value === 0 || isObject(value)
    case 'object':
      return isObject(value)
    case 'count or null':
      return value === null || isCount(value)
    case 'payload':
      return true
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Counts brackets outside strings. Not where the text is shorter than twice the limit, or holds no more than that which open:
 * to look for these takes a fifth of the time (docs/performance.md).
 */
function isNestedDeeper(text: string, limit: number): boolean {
  if (text.length < 2 * limit || !holdsMore(text, limit)) return false
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > limit) return true
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
        break
      case 0x22: // "
        i = endOfString(text, i)
        break
    }
  }
  return false
}

/** Whether it holds more than so many brackets that open, those in strings among them. */
function holdsMore(text: string, limit: number): boolean {
  let count = 0
  for (const bracket of '[{') {
    for (let i = text.indexOf(bracket); i !== -1; i = text.indexOf(bracket, i + 1)) if (++count > limit) return true
  }
  return false
}

/** The index of the quote that ends the string which begins at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let end = start
  do {
    end = text.indexOf('"', end + 1)
    if (end === -1) return text.length
  } while (isEscaped(text, end))
  return end
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(index - 1 - backslashes) === 0x5c) backslashes++
  return backslashes % 2 === 1
}
