import type { CallOptions, TypewireError } from '@typewire/core'
import {
  aborted,
  type AnswerSink,
  type CallFrame,
  type Content,
  type CreditFrame,
  decodePayload,
  type ErrorFrame,
  type EventFrame,
  frameOf,
  frames,
  type ItemFrame,
  payloadOf,
  Reply,
  type ResultFrame,
  UnreadPayload,
} from '@typewire/core/internal'
import type { Access } from '../access.ts'
import { assertTimeLimit } from '../assert-time-limit.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { ServerNode } from '../node.ts'
import { assertFits, encode, read, readInTime, sent } from './encoding.ts'
import { type CallerUpload, letGoOf, UploadSender } from './uploads.ts'

/** Of what a caller is made. */
export interface Parts {
  readonly node: ServerNode
  readonly dispatcher: Dispatcher
}

/** A call, a stream or an event that asks for an ack. */
export interface Asked {
  readonly kind: typeof frames.call.kind | typeof frames.event.kind
  /** As it is on the wire: `send`, `admin/ban`. */
  readonly origin: string
  readonly input: unknown
  /** The input without its items, and these, where they are to go one by one. */
  readonly upload?: CallerUpload | undefined
  /** Of a stream: how many items it takes at first, and what takes them. */
  readonly stream?: {
    readonly credit: number
    readonly onReply: (reply: Reply) => void
    readonly onItem: (frame: ItemFrame) => void
  }
}

/** Runs what a client would have asked for, and resolves to its answer, read as a client reads it. */
export async function ask(parts: Parts, access: Access, asked: Asked, options: CallOptions = {}): Promise<unknown> {
  const { origin, input, upload } = asked
  assertTimeLimit(origin, options)
  const payload = encode(upload ? upload.head : input, origin)
  try {
    const ready = payload instanceof UnreadPayload ? await readFitting(parts, payload, origin, options) : payload
    const content = frameOf(`[${asked.kind},1,"${origin}",${optionsText(asked, options)}`, ready)
    assertFits(parts.node, content, origin)
    const answer = await run(parts, access, { ...asked, frame: sent<CallFrame | EventFrame>(content, origin) }, options)
    if (upload) letGoOf(upload.items)
    return answer
  } catch (error) {
    if (upload && options.signal?.aborted) letGoOf(upload.items, error)
    throw error
  }
}

/** With its blobs, of which none is read where they are more than the server takes. */
function readFitting({ node }: Parts, payload: UnreadPayload, origin: string, options: CallOptions) {
  assertFits(node, payload, origin)
  return readInTime(node, payload, origin, options)
}

function optionsText({ upload, stream }: Asked, { timeoutMs }: CallOptions): string {
  const said = {
    ...(timeoutMs === undefined || timeoutMs === Number.POSITIVE_INFINITY ? {} : { timeoutMs }),
    ...(stream ? { credit: stream.credit } : {}),
    ...(upload ? { upload: true } : {}),
  }
  return Object.keys(said).length === 0 ? '0' : JSON.stringify(said)
}

function run(
  { node, dispatcher }: Parts,
  access: Access,
  { origin, upload, stream, frame }: Asked & { readonly frame: CallFrame | EventFrame },
  { signal }: CallOptions,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(origin, signal))
    const giveUp = (error: TypewireError) => {
      reply.abort(new DOMException('The caller gave up.', 'AbortError'))
      reject(error)
    }
    const onAbort = () => giveUp(aborted(origin, signal))
    const sender = upload && new UploadSender(upload.items, origin, { node, reply: () => reply, onFail: giveUp })
    const send = (answer: Content) => {
      const got = read(answer) as ResultFrame | ErrorFrame | ItemFrame | CreditFrame
      if (got[0] === frames.item.kind) stream?.onItem(got)
      else if (got[0] === frames.credit.kind) sender?.grant(got)
      else settle(got)
      return 0
    }
    const settle = (answer: ResultFrame | ErrorFrame) => {
      try {
        resolve(
          payloadOf(answer, origin, {
            decode: decodePayload,
            from: 'server',
            isStreaming: stream !== undefined || upload !== undefined,
          }),
        )
      } catch (error) {
        reject(error)
      }
    }
    const onSettled = () => {
      sender?.stop()
      signal?.removeEventListener('abort', onAbort)
    }
    const reply = new Reply(1, { ...atOnce, send }, { onSettled })
    signal?.addEventListener('abort', onAbort, { once: true })
    stream?.onReply(reply)
    const begun = { session: access.session, reply }
    if (frame[0] === frames.call.kind) {
      node.watch?.onCall(begun, node.handlers, origin)
      dispatcher.runCall(access, reply, frame)
    } else {
      node.watch?.onBegun('onEvent', begun, origin)
      dispatcher.runEvent(access, reply, frame)
    }
  })
}

/** Nothing is kept on the way: what is sent has come. */
const atOnce: Omit<AnswerSink, 'send'> = {
  flushEarly: () => {},
  fitsPeer: () => true,
  hasMuchRoom: true,
  whenMuchRoom: () => () => {},
}

/** Runs the handler of an event for nobody who waits: what goes wrong is told to the server's log. */
export function emit({ node, dispatcher }: Parts, access: Access, origin: string, input: unknown): void {
  const payload = encode(input, origin)
  const begin = (ready: Exclude<typeof payload, UnreadPayload>) => {
    const content = frameOf(`[${frames.event.kind},0,"${origin}",0`, ready)
    assertFits(node, content, origin)
    const frame = sent<EventFrame>(content, origin)
    const reply = new Reply(-1, { ...atOnce, send: () => 0 }, { onSettled: () => {} })
    node.watch?.onBegun('onEvent', { session: access.session, reply }, origin)
    dispatcher.runEvent(access, reply, frame)
  }
  if (!(payload instanceof UnreadPayload)) return begin(payload)
  assertFits(node, payload, origin)
  readInTime(node, payload, origin, {})
    .then(begin)
    .catch((error: unknown) => node.incidents.report(error, `event ${origin}`, access.id))
}
