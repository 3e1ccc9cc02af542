import { PayloadError } from './payload-error.ts'

/** Bytes of a payload, which travel beside its JSON text (PL-8). It has its buffer for itself. */
export type Part = Uint8Array<ArrayBuffer>

/** The most parts of one payload. 1,000: a page of pictures, and no reason to make a million of one message. */
export const maxParts = 1_000

/** A frame, or what ends one, as it travels: JSON text, and the parts that go with it, where there are any. */
export interface Content {
  readonly text: string
  readonly parts?: readonly Part[] | undefined
}

/** What bounds are about, which do not need the bytes themselves. */
export interface Sized {
  readonly text: string
  readonly parts?: readonly { readonly length: number }[] | undefined
}

/** The bytes of a Blob, which are somewhere else as yet. */
export interface UnreadPart {
  readonly blob: Blob
  readonly length: number
}

/** A payload that holds blobs. Nothing of them has been read: that takes time and memory, and it may be too large to send. */
export class UnreadPayload implements Sized {
  readonly text: string
  readonly parts: readonly (Part | UnreadPart)[]

  constructor(text: string, parts: readonly (Part | UnreadPart)[]) {
    this.text = text
    this.parts = parts
  }

  /** @throws PayloadError when a blob cannot be read: a file may be gone by now. */
  async read(): Promise<Content> {
    return { text: this.text, parts: await Promise.all(this.parts.map(readPart)) }
  }
}

async function readPart(part: Part | UnreadPart): Promise<Part> {
  if (!('blob' in part)) return part
  try {
    return new Uint8Array(await part.blob.arrayBuffer())
  } catch (error) {
    const { name = 'A Blob' } = part.blob as Partial<File>
    throw new PayloadError(`${name} cannot be read: ${String(error)}`)
  }
}

/** A payload as it ends a frame. Its text alone where it holds no bytes, which is nearly always. */
export type EncodedPayload = string | Content

/** The frame that a payload ends. `head`: its text up to there. */
export function frameOf(head: string, payload: EncodedPayload): Content {
  return typeof payload === 'string'
    ? { text: `${head}${payload}]` }
    : { text: `${head}${payload.text}]`, parts: payload.parts }
}

/** What all bounds of what is kept are in: UTF-16 units of text, and bytes of parts. */
export function lengthOf({ text, parts }: Sized): number {
  return parts ? text.length + bytesOf(parts) : text.length
}

export function bytesOf(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}

/**
 * The parts that came with a frame, and the annotations of its payload, in whose place the parser puts this: so they go
 * wherever the payload does. No peer can write one, as JSON makes no classes.
 */
export class ReceivedParts {
  readonly annotations: unknown
  readonly bytes: number
  readonly #parts: (Part | undefined)[]
  #left: number

  constructor(parts: readonly Part[], annotations: unknown) {
    this.annotations = annotations
    this.bytes = bytesOf(parts)
    this.#parts = [...parts]
    this.#left = parts.length
  }

  /** How many have not been taken. */
  get left(): number {
    return this.#left
  }

  /** A part, once: one that could be had twice would make much of a small message. */
  take(index: unknown): Part | undefined {
    if (typeof index !== 'number') return undefined
    const part = this.#parts[index]
    if (!part) return undefined
    this.#parts[index] = undefined
    this.#left--
    return part
  }
}

/**
 * How long a frame is that has come, nearly as `lengthOf` has it: what is escaped in JSON counts as if it were not. It
 * looks at each value, and copies nothing.
 */
export function receivedLength(value: unknown): number {
  if (typeof value === 'string') return value.length + 2
  if (typeof value !== 'object' || value === null) return `${value as number}`.length
  if (value instanceof ReceivedParts) return value.bytes + receivedLength(value.annotations)
  let length = 1
  if (Array.isArray(value)) for (const item of value as unknown[]) length += receivedLength(item) + 1
  else for (const key in value) length += key.length + receivedLength((value as Record<string, unknown>)[key]) + 4
  return Math.max(2, length)
}
