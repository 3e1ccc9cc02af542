import type { OnOptions, Unsubscribe } from '@typewire/core'
import {
  type EventFrame,
  type EventFrameOptions,
  frames,
  isPromiseLike,
  Listeners,
  PayloadError,
  ProtocolError,
  type RoomEventFrame,
  unsubscribe,
  UnreadPayload,
} from '@typewire/core/internal'
import type { Codec, HasCodec } from './codec.ts'
import type { OwedAck, OwedAcks } from './connection/owed-acks.ts'
import { noAnswer } from './no-answer.ts'
import { randomId } from './random-id.ts'
import type { OnClientError } from './types.ts'

type Handler<About extends unknown[]> = (payload: unknown, ...about: About) => unknown

/** Whatever has handlers of named events. */
export interface HandlerGroup {
  readonly run: (name: string, payload: unknown, answers: Answer[]) => void
}

/** The handlers of named events, of a client, of a handle on a room or of a kind of rooms. */
export class EventHandlers<About extends unknown[] = []> {
  readonly #byName = new Map<string, Listeners<Handler<About>>>()
  readonly #onError: OnClientError

  constructor(onError: OnClientError) {
    this.#onError = onError
  }

  on(name: string, handler: Handler<About>, { signal, once }: OnOptions = {}): Unsubscribe {
    if (typeof handler !== 'function') throw new TypeError(`on.${name}(handler): the handler is not a function.`)
    if (signal?.aborted) return unsubscribe(() => {})
    let listeners = this.#byName.get(name)
    if (!listeners) this.#byName.set(name, (listeners = new Listeners<Handler<About>>(this.#onError)))
    const stop = listeners.add((payload, ...about) => {
      if (once) off()
      return handler(payload, ...about)
    })
    const off = unsubscribe(() => {
      stop()
      signal?.removeEventListener('abort', off)
    })
    signal?.addEventListener('abort', off, { once: true })
    return off
  }

  /**
   * Runs every handler and adds to `answers` what each answers: a value, a promise, or what it threw. `about` is what
   * handlers get besides the payload.
   */
  run(name: string, payload: unknown, answers: Answer[], ...about: About): void {
    this.#byName.get(name)?.each((handler) => {
      try {
        const value = handler(payload, ...about)
        if (value !== noAnswer) answers.push({ value })
      } catch (error) {
        answers.push({ error })
      }
    })
  }

  /** Tells them of something that is no frame; what they throw goes to `onError`. */
  tell(name: string, value: unknown, ...about: About): void {
    const answers: Answer[] = []
    this.run(name, value, answers, ...about)
    for (const answer of answers) unanswered(answer, this.#onError)
  }
}

type Answer = { readonly value: unknown } | { readonly error: unknown }

/**
 * Takes an event to its handlers, and acks it where it asks: the first handler's answer is the ack, the others' errors
 * go to `onError` (EV-3).
 */
export function handleEvent(
  frame: EventFrame | RoomEventFrame,
  handlers: readonly HandlerGroup[],
  { acks, codec }: HasCodec & { readonly acks: OwedAcks },
  onError: OnClientError,
): ProtocolError | undefined {
  const id = frame[1]
  const at = frame[0] === frames.event.kind ? 2 : 3
  const name = frame[at] as string
  const options = frame[at + 1] as EventFrameOptions | 0
  const ack = id === 0 ? undefined : acks.begin(id)
  if (ack instanceof ProtocolError) return ack
  try {
    const value = codec.decode(frame[at + 2], frame[at + 3], 'server')
    const answers: Answer[] = []
    for (const group of handlers) group.run(name, value, answers)
    const isReceipt = options !== 0 && options.receipt === true
    if (ack && answers.length === 0) ack.error('NO_HANDLER', `Event ${name}: the client has no handler for it.`)
    answers.forEach((answer, index) => {
      if (ack && index === 0) void settle(answer, { ack, codec, isReceipt, onError })
      else unanswered(answer, onError)
    })
  } catch (error) {
    const unread = unreadEvent(name, error)
    onError(unread)
    ack?.error('INVALID_INPUT', unread.message)
  }
  return undefined
}

/** What is told of an event that cannot be read. Throws what is another error. */
export function unreadEvent(name: string, error: unknown): PayloadError {
  if (!(error instanceof PayloadError)) throw error
  return new PayloadError(`Event ${name}: ${error.message}`)
}

/** An answer that nobody asked for: an error is told, now or later. */
function unanswered(answer: Answer, onError: OnClientError): void {
  if ('error' in answer) onError(answer.error)
  else if (isPromiseLike(answer.value)) void Promise.resolve(answer.value).catch((error: unknown) => onError(error))
}

interface Settling {
  readonly ack: OwedAck
  readonly codec: Codec
  readonly isReceipt: boolean
  readonly onError: OnClientError
}

async function settle(answer: Answer, { ack, codec, isReceipt, onError }: Settling): Promise<void> {
  try {
    if ('error' in answer) throw answer.error
    const value = isPromiseLike(answer.value) ? await answer.value : answer.value
    const payload = isReceipt ? '' : codec.encode(value)
    ack.result(payload instanceof UnreadPayload ? await payload.read() : payload)
  } catch (error) {
    const incident = randomId()
    onError(error, { incident })
    ack.error('INTERNAL', `The client's handler failed. Incident ${incident}.`, { incident })
  }
}
