import { randomUUID } from 'node:crypto'
import { type CallOptions, isTypewireError, TypewireError } from '@typewire/core'
import {
  aborted,
  type CallFrame,
  type Content,
  type EncodedPayload,
  encodePayload,
  frameOf,
  frames,
  PayloadError,
  parseBatch,
  payloadOf,
  ProtocolError,
  Reply,
  type ResultFrame,
  timedOut,
  UnreadPayload,
} from '@typewire/core/internal'
import { Access } from './access.ts'
import type { Dispatcher } from './dispatch/dispatcher.ts'
import type { Namespace } from './namespace.ts'
import type { ServerNode } from './node.ts'
import { type PeerEvents, PeerSession } from './peer-session.ts'
import type { Identified } from './types.ts'
import { verbGroups } from './verb-group.ts'
import { withinLimit } from './within-limit.ts'

/**
 * Makes `server.caller`, of the root or of a namespace. A call is the frame that a client would have sent, and its answer
 * is read as a client reads it: so what cannot travel fails here too, and no object is shared between the two sides.
 */
export function callerMaker(node: ServerNode, dispatcher: Dispatcher, namespace: Namespace) {
  const parts: Parts = { node, dispatcher }
  const names = Object.keys(namespace.contract.procedures)
  const calls = verbGroups(names, (access: Access, name) => {
    const origin = namespace.qualify(name)
    return named(`call.${origin}`, (input: unknown, options?: CallOptions) =>
      call(parts, access, origin, { input, options }),
    )
  })
  const tries = verbGroups(names, (access: Access, name) => {
    const origin = namespace.qualify(name)
    return named(`try.${origin}`, async (input: unknown, options?: CallOptions) => {
      try {
        return { ok: true, data: await call(parts, access, origin, { input, options }) } as const
      } catch (error) {
        return { ok: false, error: asTypewireError(error, origin) } as const
      }
    })
  })
  return (ctx: Identified): object => {
    if (!node.isImplemented) throw new TypeError('caller: this server has no handlers yet. Call implement first.')
    const access = accessOf(node, namespace, ctx)
    return { call: calls(access), try: tries(access) }
  }
}

/** `isErrorOf` reads the name. */
const named = <Verb extends object>(name: string, verb: Verb): Verb =>
  Object.defineProperty(verb, 'name', { value: name })

/** Of a session that has ended before it began: nothing is kept for it, and nobody can reach it. */
function accessOf(node: ServerNode, namespace: Namespace, ctx: Identified): Access {
  const session = new PeerSession(node, { instance: randomUUID() }, ctx, noEvents)
  const access = namespace.parent ? new Access(session, namespace, session.credentials) : session.accesses.root
  const reason = 'it is of a caller without a connection'
  session.end(reason)
  access.end(new TypewireError('SESSION_LOST', `The session ended: ${reason}.`))
  return access
}

const noEvents: PeerEvents = { onFrame: () => undefined, onSettled: () => {}, onRenewed: () => {} }

interface Call {
  readonly input: unknown
  readonly options: CallOptions | undefined
}

interface Parts {
  readonly node: ServerNode
  readonly dispatcher: Dispatcher
}

async function call(
  { node, dispatcher }: Parts,
  access: Access,
  origin: string,
  { input, options = {} }: Call,
): Promise<unknown> {
  const { timeoutMs, signal } = options
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new RangeError(`${origin}: timeoutMs is ${timeoutMs}. Give milliseconds above 0.`)
  }
  const payload = told(origin, () => encodePayload(input))
  const ready = payload instanceof UnreadPayload ? await readInTime(node, payload, origin, options) : payload
  const frame = callFrame(origin, ready, timeoutMs)
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(aborted(origin, signal))
    const onAbort = () => {
      reply.abort(new DOMException('The caller gave up.', 'AbortError'))
      reject(aborted(origin, signal))
    }
    const send = (answer: Content) => {
      try {
        resolve(payloadOf(read(answer) as ResultFrame, origin, { from: 'server' }))
      } catch (error) {
        reject(error)
      }
      return 0
    }
    const sink = { send, fitsPeer: () => true }
    const reply = new Reply(1, sink, () => signal?.removeEventListener('abort', onAbort))
    signal?.addEventListener('abort', onAbort, { once: true })
    node.watch?.onCall({ session: access.session, reply }, node.handlers, origin)
    dispatcher.runCall(access, reply, frame)
  })
}

/** The payload with its blobs, as long as the call may take. */
async function readInTime(
  { deadlines, settings }: ServerNode,
  payload: UnreadPayload,
  origin: string,
  { timeoutMs = settings.timeoutMs, signal }: CallOptions,
): Promise<EncodedPayload> {
  const over = new AbortController()
  const gaveUp = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(aborted(origin, signal)), { signal: over.signal })
  })
  try {
    const read = Promise.race([payload.read(), gaveUp])
    return await withinLimit(read, deadlines, timeoutMs, () => timedOut(origin, timeoutMs, 'not_sent', 'a Blob waits'))
  } catch (error) {
    throw refusalOf(origin, error)
  } finally {
    over.abort()
  }
}

/** What a client would have sent. @throws TypewireError `INVALID_INPUT` for what cannot travel. */
function callFrame(origin: string, payload: EncodedPayload, timeoutMs = Number.POSITIVE_INFINITY): CallFrame {
  const options = timeoutMs === Number.POSITIVE_INFINITY ? '0' : JSON.stringify({ timeoutMs })
  return told(origin, () => read(frameOf(`[${frames.call.kind},1,"${origin}",${options}`, payload)) as CallFrame)
}

function told<T>(origin: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw refusalOf(origin, error)
  }
}

function refusalOf(origin: string, error: unknown): unknown {
  if (!(error instanceof PayloadError)) return error
  const issues = [{ message: error.message, path: [] }]
  return new TypewireError('INVALID_INPUT', `${origin}: ${error.message}`, { origin, issues })
}

/** @throws PayloadError for what is nested too deep. */
function read({ text, parts }: Content): unknown {
  const batch = parseBatch(`[${text}]`, parts)
  if (batch instanceof ProtocolError) throw new PayloadError(batch.reason)
  return batch[0]
}

/** What is none comes from an encoder that failed by itself, or of a time limit that is none. */
function asTypewireError(error: unknown, origin: string): TypewireError {
  if (isTypewireError(error)) return error
  return new TypewireError('INTERNAL', `${origin}: ${String(error)}`, { origin, cause: error })
}
