import type { Namespace } from '../namespace.ts'
import type { MiddlewareKind } from './types.ts'
import { type AnyFunction, wrapHandler } from './wrap.ts'

type HandlerRecord = Readonly<Record<string, unknown>>

interface GivenRoom {
  readonly authorize?: unknown
  readonly events?: HandlerRecord
  readonly history?: { readonly authorize?: unknown }
}

/** Handlers of a contract, whose names nobody has checked yet. */
interface GivenSections {
  readonly procedures?: HandlerRecord
  readonly streams?: HandlerRecord
  readonly events?: HandlerRecord
  readonly rooms?: Readonly<Record<string, GivenRoom>>
}

/** Makes `server.middleware`, of the root or of a namespace: what puts middleware around some handlers. */
export function middlewareMaker(namespace: Namespace, around: readonly AnyFunction[] = []) {
  return (run: AnyFunction): object => {
    if (typeof run !== 'function') throw new TypeError('middleware(run): give a function.')
    const wrap = sectionsWrapper([...around, run], namespace)
    return { ...wrap, middleware: middlewareMaker(namespace, [...around, run]) }
  }
}

/** Puts middleware around all handlers of a contract. Without any they stay what they are. */
export function wrapSections<Given extends object>(
  runs: readonly AnyFunction[],
  namespace: Namespace,
  given: Given,
): Given {
  if (runs.length === 0) return given
  const { procedures = {}, streams = {}, events = {}, rooms = {} } = given as GivenSections
  const wrap = sectionsWrapper(runs, namespace)
  return {
    ...given,
    procedures: wrap.procedures(procedures),
    streams: wrap.streams(streams),
    events: wrap.events(events),
    rooms: wrap.rooms(rooms),
  }
}

function sectionsWrapper(runs: readonly AnyFunction[], namespace: Namespace) {
  // What is no function stays what it is: `implement` tells of it, by its place.
  const wrap = (kind: MiddlewareKind, name: string, handler: unknown) =>
    typeof handler === 'function' ? wrapHandler(runs, { kind, name }, handler as AnyFunction) : handler
  const section = (kind: MiddlewareKind) => (handlers: HandlerRecord) =>
    mapValues(handlers, (handler, name) => wrap(kind, namespace.qualify(name), handler))
  const room = (given: GivenRoom, kind: string): GivenRoom => {
    const name = namespace.qualify(kind)
    const { authorize, events, history } = given
    return {
      ...given,
      ...(authorize ? { authorize: wrap('join', name, authorize) } : {}),
      ...(events ? { events: mapValues(events, (handler, event) => wrap('event', `${name}.${event}`, handler)) } : {}),
      ...(history?.authorize ? { history: { ...history, authorize: wrap('join', name, history.authorize) } } : {}),
    }
  }
  return {
    procedures: section('call'),
    streams: section('stream'),
    events: section('event'),
    rooms: (rooms: Readonly<Record<string, GivenRoom>>) =>
      mapValues(rooms, (given, kind) => given && room(given, kind)),
  }
}

function mapValues<Value, Mapped>(
  record: Readonly<Record<string, Value>>,
  map: (value: Value, name: string) => Mapped,
): Readonly<Record<string, Mapped>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]))
}
