import {
  type CallFrame,
  type CallFrameOptions,
  isCount,
  isItemSource,
  Outlet,
  pump,
  type Reply,
} from '@typewire/core/internal'
import type { Access } from '../access.ts'
import type { CompiledCall, CompiledProcedure, CompiledStream, Sent } from '../compile.ts'
import type { ServerNode } from '../node.ts'
import { encodeItem } from '../outgoing.ts'
import { CallArgs } from './handler-args.ts'
import type { IdempotentCalls } from './idempotent-calls.ts'
import { runHandler, type Task } from './run-handler.ts'
import { shown } from './shown.ts'
import { readUpload } from './uploads.ts'

/** The most streams and uploads of one session that run at a time (ST-8): each holds an iterator, and most hold a query. */
export const maxStreams = 256

export interface CallRunner {
  readonly node: ServerNode
  readonly idempotent: IdempotentCalls
}

/** For messages: `procedure send`. */
export function whereOf({ procedures, streams }: ServerNode['handlers'], name: string): string {
  if (procedures.has(name)) return `procedure ${name}`
  return streams.has(name) ? `stream ${name}` : `procedure ${shown(name)}`
}

/** Runs a procedure or a stream, or answers why not. */
export function runCall({ node, idempotent }: CallRunner, access: Access, reply: Reply, frame: CallFrame): void {
  const [, , name, given] = frame
  const options = given === 0 ? noOptions : given
  const procedure = node.handlers.procedures.get(name)
  const stream = procedure ? undefined : node.handlers.streams.get(name)
  const call = procedure ?? stream
  const where = whereOf(node.handlers, name)
  if (!call) return reply.error('NOT_FOUND', `${where}: the server's contract has no such name.`)
  const wrong = misuse(call, options, stream !== undefined)
  if (wrong) return reply.error('NOT_FOUND', `${where}: ${wrong}`)
  if (options.after !== undefined && !stream?.keyOf) {
    return reply.error('SESSION_LOST', `${where}: the session that it was called in was lost.`) // ST-9
  }
  if (stream) reply.outlet = new Outlet(reply.id, () => reply.wire, options.credit!)
  const called: Called = { node, access, frame, where, call, procedure, stream }
  // What comes item by item is there once, so it cannot run for another answer.
  if (procedure?.isIdempotent && options.upload !== true && !access.isEnded) runOnce(idempotent, called, reply)
  else void runHandler(node, taskOf(called, reply))
}

/** A call, and what it is of: `call` is the procedure or the stream. */
interface Called {
  readonly node: ServerNode
  readonly access: Access
  readonly frame: CallFrame
  readonly where: string
  readonly call: CompiledCall
  readonly procedure: CompiledProcedure | undefined
  readonly stream: CompiledStream | undefined
}

function runOnce(idempotent: IdempotentCalls, called: Called, reply: Reply): void {
  const { access, frame, call } = called
  idempotent.call({ access, reply, frame, errors: call.errors, taskFor: (answer) => taskOf(called, answer) })
}

function taskOf({ node, access, frame, where, call, procedure, stream }: Called, reply: Reply): Task {
  const [, , , options, payload, annotations] = frame
  const { session } = access
  const { input, errors, timeoutMs = stream ? Number.POSITIVE_INFINITY : node.settings.timeoutMs } = call
  const upload =
    call.upload &&
    readUpload(call.upload, { session, reply, where, payload, annotations, input, options }, node.settings.clock)
  // Written out, and not spread: that takes 4 kB of memory for each call (Node 20).
  return {
    session,
    reply,
    where,
    payload,
    annotations,
    input,
    errors,
    options,
    timeoutMs,
    parse: upload?.parse,
    isRenewed: upload?.isRenewed,
    output: procedure ? procedure.output : none,
    answer: stream && sendItems(node, stream, { session, reply, where }),
    handle: (value, time) =>
      call.handle(
        new CallArgs(
          { access, reply, time, options },
          value,
          call.errorMakers,
          options === 0 ? undefined : options.after,
        ),
      ),
  }
}

const noOptions: CallFrameOptions = {}

const none: Sent = {
  schema: { '~standard': { version: 1, vendor: 'typewire', validate: (value) => ({ value }) } },
  isPlain: true,
}

/** A stream is called with `credit`, and nothing else is (ST-1). */
function misuse({ upload, name }: CompiledCall, options: CallFrameOptions, isStream: boolean): string | undefined {
  const hasCredit = isCount(options.credit)
  if (isStream && !hasCredit) return `it is a stream. Read it by client.stream.${name.replaceAll('/', '.')}(…).`
  if (!isStream && hasCredit) return `it is a procedure. Call it by client.call.${name.replaceAll('/', '.')}(…).`
  return options.upload === true && !upload ? 'it takes no upload.' : undefined
}

/** Sends what the handler of a stream gives, item by item, and its end. */
function sendItems(
  node: ServerNode,
  stream: CompiledStream,
  { session, reply, where }: Pick<Task, 'session' | 'reply' | 'where'>,
): (items: unknown) => Promise<void> {
  const outlet = reply.outlet!
  const send = ({ payload, key }: Awaited<ReturnType<typeof encodeItem>>) => {
    if (reply.isSettled) return
    const frame = outlet.frameOf(payload, key === undefined ? undefined : { key })
    if (reply.wire.fitsPeer(frame)) outlet.send(frame)
    else reply.error('TOO_LARGE', `${where}: an item is larger than the caller takes.`)
  }
  return async (items) => {
    if (!isItemSource(items)) {
      throw new TypeError(
        `${where}: the handler of a stream gives an async iterable: write async function*, or return one.`,
      )
    }
    const about = node.sendingOf(where, 'an item')
    const prepare = (item: unknown) => {
      const encoded = encodeItem(stream, item, about)
      return encoded instanceof Promise ? encoded.then((ready) => () => send(ready)) : () => send(encoded)
    }
    const onLateError = (error: unknown) => {
      // One that stops because nobody waits is no news.
      if (error !== reply.abortReason) node.incidents.report(error, where, session.id)
    }
    if (await pump(items, outlet, prepare, onLateError)) reply.result('')
  }
}
