import { type CallOptions, isTypewireError, TypewireError } from '@typewire/core'
import {
  aborted,
  frames,
  Inlet,
  type InletOptions,
  type ItemFrame,
  PayloadError,
  targetLength,
} from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import type { Scope } from './namespaces/scope.ts'
import type { Asked } from './outgoing.ts'
import { streamSpan } from './stream-span.ts'
import { uploadOf } from './uploads.ts'

/** How many items the server may send before any was read: enough to fill a turn, and no flood for who leaves soon. */
const initialCredit = 16

export interface StreamOptions {
  readonly connection: Connection
  readonly scope: Scope
  /** For errors: `exportAll`. */
  readonly origin: string
  readonly input: unknown
  readonly call: CallOptions
  /** Sends the call, and resolves when it was answered. */
  readonly ask: (asked: Pick<Asked, 'payload' | 'options' | 'streaming'>, limits: CallOptions) => Promise<unknown>
  /** It is over, however it has ended. */
  readonly onEnd?: ((error?: unknown) => void) | undefined
}

/**
 * The items of a stream: sent at the first `next`, read once. The server sends no more than is read, but for a little; it is
 * told to stop when the reader leaves.
 */
export class ClientStream {
  readonly #options: StreamOptions
  readonly #over = new AbortController()
  /** The key of the last item that has come, where items have keys; in the server's words, which only it understands. */
  #after: string | null = null
  #inlet: Inlet | undefined
  #isIterated = false

  constructor(options: StreamOptions) {
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
      const { connection, origin, input } = this.#options
      this.#inlet = this.#makeInlet(() => undefined) // one that was never read is never sent
      uploadOf(input, connection, origin)?.discard()
    }
    return this.#inlet.return()
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')](): Promise<void> {
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
      { highWaterMark: 0 }, // what waits does so at the server
    )
  }

  /** Calls the stream again, in each session that follows a lost one: the server knows whether it can go on (ST-9). */
  async #goOn(payload: unknown, { inlet, streaming, limits, error: lost, era }: Going): Promise<void> {
    const { scope, ask } = this.#options
    for (;;) {
      if (scope.era !== era) throw lost
      const options = { credit: inlet.restart(), after: this.#after }
      try {
        return void (await ask({ payload, options, streaming }, limits))
      } catch (error) {
        if (!mayGoOn(error)) throw error
      }
    }
  }

  #makeInlet(grant: InletOptions['grant']): Inlet {
    const { origin, connection } = this.#options
    return new Inlet({
      credit: initialCredit,
      grant,
      read: ([, , , payload, annotations]: ItemFrame) => {
        try {
          return connection.codec.decode(payload, annotations, 'server')
        } catch (error) {
          if (!(error instanceof PayloadError)) throw error
          throw new TypewireError('INVALID_ACK', `${origin}: an item cannot be read. ${error.message}`, { origin })
        }
      },
      onLeave: () => this.#over.abort(),
    })
  }

  #start(): Inlet {
    const { connection, origin, input, call, ask, onEnd } = this.#options
    let id = 0
    const inlet = this.#makeInlet(({ upTo, read }) => {
      // What has come of a call may be read when that is over, or lost with its session.
      if (!connection.requests.has(id)) return undefined
      connection.session.send({ text: `[${frames.credit.kind},${id},${upTo},${read},${targetLength}]` })
      return targetLength
    })
    const upload = uploadOf(input, connection, origin)
    if (upload) {
      upload.onFail = (error) => {
        inlet.abort(error)
        this.#over.abort()
      }
    }
    const onItem = (frame: ItemFrame) => {
      const options = frame[2]
      if (options !== 0 && typeof options.key === 'string') this.#after = options.key
      return inlet.push(frame)
    }
    const streaming = (given: number) => {
      id = given
      return { onItem, onCredit: upload?.start(given) }
    }
    const { signal, timeoutMs } = call
    const abort = () => {
      inlet.abort(aborted(origin, signal)) // at once: what has come is not wanted either
      this.#over.abort()
    }
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    const { era } = this.#options.scope
    const payload = upload ? upload.head : input
    const limits = { timeoutMs, signal: this.#over.signal }
    const run = async () => {
      try {
        await ask(
          { payload, options: { credit: initialCredit, ...(upload ? { upload: true } : {}) }, streaming },
          limits,
        )
      } catch (error) {
        if (upload || !mayGoOn(error)) throw error
        await this.#goOn(payload, { inlet, streaming, limits, error, era })
      }
    }
    const running = run()
    if (onEnd) running.then(() => onEnd(), onEnd)
    running
      .then(
        () => {
          inlet.end()
          upload?.discard()
        },
        (error: unknown) => {
          inlet.fail(error)
          if (this.#over.signal.aborted) upload?.discard(error)
          upload?.stop(error)
        },
      )
      .finally(() => signal?.removeEventListener('abort', abort))
    return inlet
  }
}

interface Going {
  readonly inlet: Inlet
  readonly streaming: NonNullable<Asked['streaming']>
  readonly limits: CallOptions
  /** What the loss was told by. */
  readonly error: unknown
  readonly era: number
}

export interface OpenStreamOptions extends Pick<StreamOptions, 'connection' | 'scope' | 'origin' | 'input' | 'call'> {
  readonly send: (
    about: Pick<Asked, 'kind' | 'payload' | 'options' | 'streaming' | 'sinceMs' | 'trace'>,
    limits: CallOptions,
  ) => Promise<unknown>
}

/** A stream, which is sent when it is first read. */
export function openStream({ send, ...options }: OpenStreamOptions): ClientStream {
  const { connection, origin } = options
  const { kind } = frames.call
  let sinceMs: number | undefined // its time limit counts from its first call, in whatever session it goes on
  const span = connection.tracer && streamSpan(connection.tracer, origin)
  const ask: StreamOptions['ask'] = (about, limits) => {
    sinceMs ??= connection.now()
    return send({ kind, sinceMs, ...(span ? span.of(about) : about) }, limits)
  }
  return new ClientStream({ ...options, ask, onEnd: span?.end })
}

/** The session was lost, which is not the server's answer: that has no outcome. */
const mayGoOn = (error: unknown) =>
  isTypewireError(error) && error.code === 'SESSION_LOST' && error.outcome !== undefined
