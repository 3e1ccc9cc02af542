import { type CallOptions, TypewireError } from '@typewire/core'
import {
  aborted,
  decodePayload,
  frames,
  Inlet,
  type InletOptions,
  type ItemFrame,
  PayloadError,
  type Reply,
  targetLength,
} from '@typewire/core/internal'
import type { Access } from '../access.ts'
import { assertTimeLimit } from '../assert-time-limit.ts'
import { ask, type Parts } from './asking.ts'
import { type CallerUpload, letGoOf, uploadOf } from './uploads.ts'

/** As a client allows at first. */
const initialCredit = 16

export interface CallerStreamOptions {
  readonly parts: Parts
  readonly access: Access
  readonly origin: string
  readonly input: unknown
  readonly call: CallOptions
}

/** The items of a stream of a caller: its handler runs from the first `next` on, and makes no more than is read, but for a little. */
export class CallerStream {
  readonly #options: CallerStreamOptions
  readonly #over = new AbortController()
  #inlet: Inlet | undefined
  #isIterated = false

  constructor(options: CallerStreamOptions) {
    assertTimeLimit(options.origin, options.call)
    this.#options = options
  }

  [Symbol.asyncIterator](): this {
    if (this.#isIterated)
      throw new TypeError(`stream.${this.#options.origin}: a stream is read once. Call it again for another.`)
    this.#isIterated = true
    return this
  }

  next(): Promise<IteratorResult<unknown, undefined>> {
    return (this.#inlet ??= this.#start()).next()
  }

  async return(): Promise<IteratorResult<unknown, undefined>> {
    if (!this.#inlet) {
      this.#inlet = this.#makeInlet(() => undefined) // one that was never read does not begin
      const upload = this.#upload
      if (upload) letGoOf(upload.items)
    }
    return this.#inlet.return()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  toReadableStream(): ReadableStream<unknown> {
    const iterator = this[Symbol.asyncIterator]()
    return new ReadableStream<unknown>(
      {
        pull: async (controller) => {
          const step = await iterator.next()
          if (step.done) controller.close()
          else controller.enqueue(step.value)
        },
        cancel: async () => void (await iterator.return()),
      },
      { highWaterMark: 0 },
    )
  }

  get #upload(): CallerUpload | undefined {
    const { parts, origin, input } = this.#options
    return uploadOf(input, parts.node.handlers.streams.get(origin)?.upload)
  }

  #start(): Inlet {
    const { parts, access, origin, input, call } = this.#options
    const { signal, timeoutMs } = call
    let reply: Reply | undefined
    const inlet = this.#makeInlet(({ upTo, read }) => {
      if (reply?.isSettled !== false) return undefined
      reply.outlet?.grant([frames.credit.kind, 1, upTo, read, targetLength])
      return targetLength
    })
    const abort = () => {
      inlet.abort(aborted(origin, signal)) // at once: what has come is not wanted either
      this.#over.abort()
    }
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    const stream = {
      credit: initialCredit,
      onReply: (made: Reply) => (reply = made),
      onItem: (frame: ItemFrame) => inlet.push(frame),
    }
    ask(
      parts,
      access,
      { kind: frames.call.kind, origin, input, upload: this.#upload, stream },
      { timeoutMs, signal: this.#over.signal },
    )
      .then(
        () => inlet.end(),
        (error: unknown) => inlet.fail(error),
      )
      .finally(() => signal?.removeEventListener('abort', abort))
    return inlet
  }

  #makeInlet(grant: InletOptions['grant']): Inlet {
    const { origin } = this.#options
    return new Inlet({
      credit: initialCredit,
      grant,
      read: ([, , , payload, annotations]: ItemFrame) => {
        try {
          return decodePayload(payload, annotations, 'server')
        } catch (error) {
          if (!(error instanceof PayloadError)) throw error
          throw new TypewireError('INVALID_ACK', `${origin}: an item cannot be read. ${error.message}`, { origin })
        }
      },
      onLeave: () => this.#over.abort(),
    })
  }
}
