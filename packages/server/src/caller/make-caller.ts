import { randomUUID } from 'node:crypto'
import { type CallOptions, isTypewireError, TypewireError } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { Access } from '../access.ts'
import type { Dispatcher } from '../dispatch/dispatcher.ts'
import type { Namespace } from '../namespace.ts'
import type { ServerNode } from '../node.ts'
import { type PeerEvents, PeerSession } from '../peer-session.ts'
import type { Identified } from '../types.ts'
import { verbGroups } from '../verb-group.ts'
import { ask, emit, type Parts } from './asking.ts'
import { CallerStream } from './caller-stream.ts'
import { uploadOf } from './uploads.ts'

/**
 * Makes `server.caller`, of the root or of a namespace. A call is the frame that a client would have sent, and its answer
 * is read as a client reads it: so what cannot travel fails here too, and no object is shared between the two sides.
 */
export function callerMaker(node: ServerNode, dispatcher: Dispatcher, namespace: Namespace) {
  const parts: Parts = { node, dispatcher }
  const { procedures, streams, events } = namespace.contract
  const call = (access: Access, origin: string, input: unknown, options?: CallOptions) => {
    const upload = uploadOf(input, node.handlers.procedures.get(origin)?.upload)
    return ask(parts, access, { kind: frames.call.kind, origin, input, upload }, options)
  }
  const attempt = async (...args: Parameters<typeof call>) => {
    try {
      return { ok: true, data: await call(...args) } as const
    } catch (error) {
      return { ok: false, error: asTypewireError(error, args[1]) } as const
    }
  }
  const stream = (access: Access, origin: string, input: unknown, options: CallOptions = {}) =>
    new CallerStream({ parts, access, origin, input, call: options })
  const emitWithAck = (access: Access, origin: string, input: unknown, options?: CallOptions) =>
    ask(parts, access, { kind: frames.event.kind, origin, input }, options)
  /** `isErrorOf` reads the name of a verb. */
  const groups = <Given>(
    verb: string,
    names: object,
    run: (access: Access, origin: string, given: Given, options?: CallOptions) => unknown,
  ) =>
    verbGroups(Object.keys(names), (access: Access, name) => {
      const origin = namespace.qualify(name)
      const made = (given: Given, options?: CallOptions) => run(access, origin, given, options)
      return Object.defineProperty(made, 'name', { value: `${verb}.${origin}` })
    })
  const calls = groups('call', procedures, call)
  const tries = groups('try', procedures, attempt)
  const allStreams = groups('stream', streams, stream)
  const emits = groups('emit', events.toServer, (access, origin, payload) => emit(parts, access, origin, payload))
  const acks = groups('emitWithAck', events.toServer, emitWithAck)
  return (ctx: Identified): object => {
    if (!node.isImplemented) throw new TypeError('caller: this server has no handlers yet. Call implement first.')
    const access = accessOf(node, namespace, ctx)
    return {
      call: calls(access),
      try: tries(access),
      stream: allStreams(access),
      emit: emits(access),
      emitWithAck: acks(access),
    }
  }
}

/** Of a session that has ended before it began: nothing is kept for it, and nobody can reach it. */
function accessOf(node: ServerNode, namespace: Namespace, ctx: Identified): Access {
  const session = new PeerSession(node, { instance: randomUUID() }, ctx, noEvents)
  const access = namespace.parent ? new Access(session, namespace, session.credentials) : session.accesses.root
  const reason = 'it is of a caller without a connection'
  session.end(reason)
  access.end(() => new TypewireError('SESSION_LOST', `The session ended: ${reason}.`))
  return access
}

const noEvents: PeerEvents = { onFrame: () => undefined, onSettled: () => {}, onRenewed: () => {} }

/** What is none comes from an encoder that failed by itself, or of a time limit that is none. */
function asTypewireError(error: unknown, origin: string): TypewireError {
  if (isTypewireError(error)) return error
  return new TypewireError('INTERNAL', `${origin}: ${String(error)}`, { origin, cause: error })
}
