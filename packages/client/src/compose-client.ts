import { openWebSocket } from '#websocket'
import type { AnyContract, CallOptions } from '@typewire/core'
import { type CountedFrame, frames, malformed, type ProtocolError } from '@typewire/core/internal'
import { Connection } from './connection/connection.ts'
import { measurePing } from './connection/measure-ping.ts'
import type { Transports } from './connection/transport-choice.ts'
import { untilConnected } from './connection/until-connected.ts'
import { watchEnvironment } from './environment.ts'
import { EventHandlers, handleEvent } from './event-handlers.ts'
import type { GivenNamespace } from './namespaces/client-namespaces.ts'
import { rootScope } from './namespaces/scope.ts'
import { VerbsMaker } from './namespaces/verbs-maker.ts'
import type { ClientParts } from './parts/parts.ts'
import { readOptions } from './options.ts'
import { Renewals } from './renewals.ts'
import { guarded } from './platform.ts'
import type { TransportName } from './transports/open-transport.ts'
import type { Client, ClientOptionsOf } from './types.ts'
import { assertTimeLimit } from './time-limit.ts'

/** @throws TypeError for a transport that there is not, or none at all. */
function openers(given: readonly TransportName[] | undefined, http: ClientParts['http']): Transports {
  const transports: Transports = [['websocket', openWebSocket], ...http(given)]
  const chosen = (given ?? transports.map(([name]) => name)).map((name) => {
    const transport = transports.find(([known]) => known === name)
    if (!transport) throw new TypeError(`createClient({ transports }): there is no transport '${name}'.`)
    return transport
  })
  if (chosen.length === 0) throw new TypeError('createClient({ transports: [] }): give one at least.')
  return chosen
}

/**
 * A client of these parts. `wrap`: what somebody who watches makes of its transports.
 * @throws TypeError for a URL that is none; RangeError for a number out of its range.
 */
export function composeClient<C extends AnyContract>(
  options: ClientOptionsOf<C>,
  parts: ClientParts,
  wrap = (transports: Transports): Transports => transports,
): Client<C> {
  const given = readOptions(options)
  const settings = { ...given, onError: guarded(given.onError) }
  const { onError, timeoutMs } = settings
  const { codec, streams } = parts
  const validation = parts.validation(options.contract)
  const handlers = new EventHandlers(onError)
  const connection = new Connection(
    settings,
    { transports: wrap(openers(settings.transports, parts.http)), codec },
    {
      onFrame: (frame) => onFrame(frame),
      onReplaced: () => namespaces.onReplaced(),
      onSessionLost: () => rooms.onSessionLost(),
      onAuthenticated: (expiresInMs) => {
        renewals.renewBefore(expiresInMs)
        namespaces.onConnected()
      },
      onOtherIdentity: (reason) => {
        namespaces.onOtherIdentity(reason)
        rooms.endAll(reason)
      },
    },
  )
  const renewals = new Renewals(settings, connection)
  const rooms = parts.rooms({ connection, validation, onError, timeoutMs, backoff: settings })
  const { namespaces: ofNamespaces } = options as GivenNamespace
  const namespaces = parts.namespaces({ connection, rooms, settings, given: ofNamespaces })

  function onFrame(frame: CountedFrame): ProtocolError | undefined {
    switch (frame[0]) {
      case frames.event.kind:
        return handleEvent(frame, namespaces.isOpenFor(frame[2]) ? [handlers] : [], connection, onError)
      case frames.roomEvent.kind:
        return rooms.onEvent(frame)
      case frames.position.kind:
        rooms.onPosition(frame)
        return undefined
      case frames.presence.kind:
        return rooms.onPresence(frame)
      case frames.left.kind:
        rooms.onLeft(frame)
        return undefined
      case frames.joined.kind:
        if (namespaces.isOpenFor(frame[2])) rooms.onJoined(frame)
        return undefined
      case frames.closed.kind:
        namespaces.onClosed(frame)
        return undefined
      default:
        return malformed('FR-5', `a server does not send frames of kind ${frame[0]}`)
    }
  }

  const connect = async ({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> => {
    if (!signal?.aborted) connection.connect()
    await untilConnected(connection, 'connect', { signal })
  }

  const reauthenticate = async (callOptions: CallOptions = {}): Promise<void> => {
    assertTimeLimit(callOptions.timeoutMs, 'reauthenticate')
    return renewals.renew({ ...callOptions, timeoutMs: callOptions.timeoutMs ?? timeoutMs })
  }

  const ping = async (callOptions: CallOptions = {}): Promise<number> => {
    assertTimeLimit(callOptions.timeoutMs, 'ping')
    return measurePing(connection, callOptions)
  }

  const unwatch = watchEnvironment({
    onDoubt: () => connection.probe(),
    onHide: () => connection.suspend(),
    onLeave: () => connection.leave(),
  })
  const close = (): Promise<void> => {
    unwatch()
    renewals.stop()
    return connection.close()
  }

  const verbs = new VerbsMaker({ connection, validation, handlers, rooms, namespaces, streams, timeoutMs })
  const client = {
    ...verbs.of(rootScope(connection)),
    status: connection.status,
    connect,
    reauthenticate,
    ping,
    close,
    [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: close,
  }
  if (options.connect === 'eager') connection.connect()
  return client as unknown as Client<C>
}
