import { type CallOptions, isTypewireError, TypewireError } from '@typewire/core'
import {
  type CreditFrame,
  type EncodedPayload,
  frames,
  isReadableStream,
  type ItemSource,
  Outlet,
  pump,
  refusalOf,
  UnreadPayload,
} from '@typewire/core/internal'
import type { Connection } from './connection/connection.ts'
import { encode } from './codec.ts'
import { itemsOf } from './item-source.ts'

/** An input that goes to the server item by item. */
export interface Upload {
  /** What is sent at once: the input without its items. */
  readonly head: unknown
  /** Runs when the source fails, or gives what cannot travel. */
  onFail: (error: TypewireError) => void
  /** The call is about to be sent, with this id. Returns who is told what the server takes. */
  readonly start: (id: number) => (frame: CreditFrame) => void
  /** The call is over. A source of which nothing was read stays as it is: its owner may send it again. */
  readonly stop: (reason?: unknown) => void
  /** Nobody will read the source, whether it was begun or not. */
  readonly discard: (reason?: unknown) => void
  /** Makes a call that uploads. It ends with its answer, or when the source of the items fails. */
  readonly run: (limits: CallOptions, send: (limits: CallOptions) => Promise<unknown>) => Promise<unknown>
}

/** What is to be uploaded of an input, if anything is. */
export function uploadOf(input: unknown, connection: Connection, origin: string): Upload | undefined {
  const found = itemsOf(input)
  if (!found) return undefined
  const { items, isInside } = found
  let outlet: Outlet | undefined
  let isBegun = false
  const upload: Upload = {
    head: isInside ? headOf(input as object) : undefined,
    onFail: () => {},
    start(id) {
      // One that is sent again, in another session, begins there: nothing was read, as nothing was allowed.
      const running = (outlet = new Outlet(id, () => connection.session, 0))
      return (frame) => {
        if (frame[2] === 0) return upload.discard() // ST-5
        running.grant(frame)
        if (isBegun) return
        isBegun = true
        void send(items, running, { id, connection, origin, onFail: (error) => upload.onFail(error) })
      }
    },
    stop: (reason) => outlet?.stop(reason),
    discard(reason) {
      upload.stop(reason)
      if (isBegun || !isReadableStream(items)) return // what was not begun, and is no stream, holds nothing
      isBegun = true
      items.cancel(reason).catch(() => {}) // its owner knows what it was told to let go of
    },
    run: (limits, call) => untilUploaded(upload, limits, call),
  }
  return upload
}

async function untilUploaded(
  upload: Upload,
  { signal, timeoutMs }: CallOptions,
  send: (limits: CallOptions) => Promise<unknown>,
): Promise<unknown> {
  const over = new AbortController()
  let failure: TypewireError | undefined
  upload.onFail = (error) => {
    failure = error
    over.abort(error)
  }
  const abort = () => over.abort(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  try {
    const answer = await send({ timeoutMs, signal: over.signal })
    upload.discard()
    return answer
  } catch (error) {
    if (signal?.aborted) upload.discard(error)
    upload.stop(error)
    throw failure ?? error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

interface Sending {
  readonly id: number
  readonly connection: Connection
  readonly origin: string
  readonly onFail: (error: TypewireError) => void
}

async function send(items: ItemSource, outlet: Outlet, { id, connection, origin, onFail }: Sending): Promise<void> {
  try {
    const sendReady = (payload: EncodedPayload) => {
      if (!connection.requests.has(id)) return outlet.stop() // over, or lost with its session
      const frame = outlet.frameOf(payload)
      connection.assertFits(frame, origin) // and there is room, or it would wait
      outlet.send(frame)
    }
    const prepare = (item: unknown) => {
      const payload = encode(connection, item, origin)
      if (!(payload instanceof UnreadPayload)) return () => sendReady(payload)
      connection.assertFits(payload, origin) // before it is read
      const refuse = (error: unknown) => {
        throw refusalOf(error, origin)
      }
      return payload.read().then((ready) => () => sendReady(ready), refuse)
    }
    const isComplete = await pump(items, outlet, prepare, () => {}) // its owner sees what its `finally` throws
    if (isComplete && connection.requests.has(id)) connection.session.send({ text: `[${frames.end.kind},${id}]` })
  } catch (error) {
    onFail(
      isTypewireError(error)
        ? error
        : new TypewireError('ABORTED', `${origin}: what was to be uploaded has failed.`, { origin, cause: error }),
    )
  }
}

function headOf(input: object): unknown {
  const { items: _, ...head } = input as { readonly items: unknown }
  return head
}
