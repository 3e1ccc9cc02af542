import type { CallOptions, EmitOptions, JoinOptions, OnOptions } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { asTypewireError } from '../as-typewire-error.ts'
import type { Connection } from '../connection/connection.ts'
import type { EventHandlers } from '../event-handlers.ts'
import type { Namespaces, Rooms, Streams, Validation } from '../parts/parts.ts'
import { type Asked, request, traced } from '../outgoing.ts'
import type { OpenStreamOptions } from '../streams.ts'
import { assertTimeLimit } from '../time-limit.ts'
import { verbGroup } from '../verbs.ts'
import type { Scope } from './scope.ts'

export interface VerbsMakerOptions {
  readonly connection: Connection
  readonly validation: Validation
  readonly handlers: EventHandlers
  readonly rooms: Rooms
  readonly namespaces: Namespaces
  readonly streams: Streams
  readonly timeoutMs: number | undefined
}

/** Makes the verbs of a contract, of the root or of a namespace. Names are strings here; their types are at the surface. */
export class VerbsMaker {
  readonly #options: VerbsMakerOptions
  readonly #faces = new Map<string, object>()

  constructor(options: VerbsMakerOptions) {
    this.#options = options
  }

  of(scope: Scope) {
    const { connection, validation, handlers, rooms, streams } = this.#options
    const { qualify } = scope

    const send = (
      origin: string,
      about: Pick<
        Asked,
        'kind' | 'payload' | 'options' | 'streaming' | 'isRenewed' | 'sinceMs' | 'defaultMs' | 'trace'
      >,
      limits: CallOptions,
    ) => {
      const { isRoot: outlivesSession } = scope
      // What goes item by item is not there to be sent again.
      const isOffered = about.kind === frames.call.kind && !about.streaming
      // Written out, here as where it is sent: to spread one object into another takes kilobytes (docs/performance.md).
      const asked: Asked = {
        kind: about.kind,
        payload: about.payload,
        options: about.options,
        streaming: about.streaming,
        isRenewed: about.isRenewed,
        sinceMs: about.sinceMs,
        defaultMs: about.defaultMs,
        trace: about.trace,
        origin,
        head: `"${origin}"`,
        outlivesSession,
        owner: scope,
        isOffered,
      }
      return traced(connection, asked, (told) => scope.ask(told, limits, requestReady))
    }
    const requestReady = (ready: Asked, left: CallOptions) => request(connection, ready, left)

    const ask = (kind: number, origin: string, payload: unknown, options: CallOptions = {}): Promise<unknown> => {
      assertTimeLimit(options.timeoutMs, origin)
      return send(origin, { kind, payload, defaultMs: this.#options.timeoutMs }, options)
    }

    const { kind } = frames.call
    const call = (name: string, input: unknown, options?: CallOptions): Promise<unknown> => {
      try {
        return callOrThrow(qualify(name), input, options)
      } catch (error) {
        return Promise.reject(error)
      }
    }
    const callOrThrow = (origin: string, input: unknown, options: CallOptions = {}): Promise<unknown> => {
      validation.call(origin, input)
      const upload = streams.uploadOf(input, connection, origin)
      if (!upload) return ask(kind, origin, input, options)
      assertTimeLimit(options.timeoutMs, origin)
      const streaming = (id: number) => ({ onCredit: upload.start(id) })
      const { timeoutMs: defaultMs } = this.#options
      const about = { kind, payload: upload.head, options: { upload: true }, streaming, isRenewed: true, defaultMs }
      return upload.run(options, (limits) => send(origin, about, limits))
    }

    const stream = (name: string, input: unknown, options: CallOptions = {}) => {
      const origin = qualify(name)
      assertTimeLimit(options.timeoutMs, origin)
      validation.stream(origin, input)
      const sendStream: OpenStreamOptions['send'] = (about, limits) => send(origin, about, limits)
      return streams.open({ connection, scope, origin, input, call: options, send: sendStream })
    }

    const settle = async (name: string, input: unknown, options?: CallOptions) => {
      try {
        return { ok: true, data: await call(name, input, options) } as const
      } catch (error) {
        return { ok: false, error: asTypewireError(error, qualify(name)) } as const
      }
    }

    const emitWithAck = async (name: string, payload: unknown, options?: CallOptions): Promise<unknown> => {
      const origin = qualify(name)
      validation.event(origin, payload)
      return ask(frames.event.kind, origin, payload, options)
    }

    const group = <Verb extends object>(verb: string, make: (name: string) => Verb) => verbGroup(verb, make, qualify)
    return {
      call: group('call', (name) => (input: unknown, o?: CallOptions) => call(name, input, o)),
      try: group('try', (name) => (input: unknown, o?: CallOptions) => settle(name, input, o)),
      stream: group('stream', (name) => (input: unknown, o?: CallOptions) => stream(name, input, o)),
      emit: group('emit', (name) => (payload: unknown, o?: EmitOptions) => {
        validation.event(qualify(name), payload)
        scope.emit(qualify(name), payload, o)
      }),
      emitWithAck: group('emitWithAck', (name) => (payload: unknown, o?: CallOptions) => emitWithAck(name, payload, o)),
      on: group('on', (name) => (handler: (payload: unknown) => unknown, o?: OnOptions) => {
        const off = handlers.on(qualify(name), handler, o)
        scope.useQuietly()
        return off
      }),
      join: group('join', (kind) => (params: unknown, o?: JoinOptions) => rooms.join(scope, qualify(kind), params, o)),
      rooms: group('rooms', (kind) => rooms.kind(qualify(kind), scope)),
      ns: group('ns', (name) => this.#face(qualify(name))),
    }
  }

  /** `client.ns.x`: the same object each time that it is read. */
  #face(path: string): object {
    const known = this.#faces.get(path)
    if (known) return known
    const { namespaces } = this.#options
    const namespace = namespaces.get(path)
    const { status, open, reauthenticate, close } = namespace
    const face = { ...this.of(namespace), status, open, reauthenticate, close }
    this.#faces.set(path, face)
    return face
  }
}
