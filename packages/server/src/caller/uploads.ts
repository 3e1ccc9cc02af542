import { isTypewireError, TypewireError } from '@typewire/core'
import {
  type Content,
  type CreditFrame,
  type EncodedPayload,
  isReadableStream,
  type ItemFrame,
  type ItemSource,
  Outlet,
  pump,
  refusalOf,
  type Reply,
  UnreadPayload,
} from '@typewire/core/internal'
import type { CompiledCall } from '../compile.ts'
import type { ServerNode } from '../node.ts'
import { assertFits, encode, sent } from './encoding.ts'

/** An input that goes to its handler item by item. */
export interface CallerUpload {
  /** What is sent at once: the input without its items. */
  readonly head: unknown
  readonly items: ItemSource
}

/** Whether an input, or its `items`, comes item by item. Arrays and sets are data like any other, as at a client. */
export function uploadOf(input: unknown, upload: CompiledCall['upload']): CallerUpload | undefined {
  if (!upload) return undefined
  if (!upload.hasHead) return isSource(input) ? { head: undefined, items: input } : undefined
  const { items, ...head } = Object(input) as { readonly items?: unknown }
  return isSource(items) ? { head, items } : undefined
}

function isSource(value: unknown): value is ItemSource {
  if (typeof value !== 'object' || value === null) return false
  return isReadableStream(value) || Symbol.asyncIterator in value || (Symbol.iterator in value && 'next' in value)
}

/** Nobody will read them. What was begun is let go of by who reads it; what was not, and is no stream, holds nothing. */
export function letGoOf(items: ItemSource, reason?: unknown): void {
  if (isReadableStream(items) && !items.locked) items.cancel(reason).catch(() => {}) // its owner knows what it was told to let go of
}

interface UploadSenderOptions {
  readonly node: ServerNode
  readonly reply: () => Reply
  readonly onFail: (error: TypewireError) => void
}

/** Sends the items as their handler reads them. Returns who is told what it takes. */
export class UploadSender {
  readonly #node: ServerNode
  readonly #items: ItemSource
  readonly #origin: string
  readonly #reply: () => Reply
  readonly #onFail: (error: TypewireError) => void
  readonly #outlet: Outlet
  #isRunning = false

  constructor(items: ItemSource, origin: string, { node, reply, onFail }: UploadSenderOptions) {
    this.#node = node
    this.#items = items
    this.#origin = origin
    this.#reply = reply
    this.#onFail = onFail
    // Nothing is kept on the way: what is sent has come.
    const send = (frame: Content) => {
      reply().inlet?.push(sent<ItemFrame>(frame, origin))
      return 0
    }
    this.#outlet = new Outlet(1, () => ({ send, hasMuchRoom: true, whenMuchRoom: () => () => {} }), 0)
  }

  grant(frame: CreditFrame): void {
    if (frame[2] === 0) {
      this.stop()
      return letGoOf(this.#items) // ST-5
    }
    this.#outlet.grant(frame)
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#send()
  }

  stop(): void {
    this.#outlet.stop()
  }

  async #send(): Promise<void> {
    const origin = this.#origin
    try {
      const sendReady = (payload: EncodedPayload) => {
        const frame = this.#outlet.frameOf(payload)
        assertFits(this.#node, frame, origin)
        this.#outlet.send(frame)
      }
      const prepare = (item: unknown) => {
        const payload = encode(item, origin)
        if (!(payload instanceof UnreadPayload)) return () => sendReady(payload)
        assertFits(this.#node, payload, origin) // before it is read
        const refuse = (error: unknown) => {
          throw refusalOf(error, origin)
        }
        return payload.read().then((ready) => () => sendReady(ready), refuse)
      }
      if (await pump(this.#items, this.#outlet, prepare, () => {})) this.#reply().inlet?.end()
    } catch (error) {
      const what = `${origin}: what was to be uploaded has failed.`
      this.#onFail(isTypewireError(error) ? error : new TypewireError('ABORTED', what, { origin, cause: error }))
    }
  }
}
