import type {
  ContractSnapshot,
  ErrorSnapshots,
  EventSnapshot,
  EventsSnapshot,
  NamespaceSnapshot,
  ProcedureSnapshot,
  RoomSnapshot,
  StreamSnapshot,
} from '../types.ts'
import { createPayloadComparison, type PayloadComparison } from './compare-payloads.ts'
import { type Finding, finding } from './finding.ts'
import { severities } from './rule.ts'
import type { RuleId } from './rules.ts'

/**
 * Tells what a change of a contract means for clients that were made for the one of before and talk to a server of the one
 * after. What they send may only be widened, what they receive may only be narrowed. The worst comes first; nothing, if
 * nothing has changed but names of definitions and what is there for people.
 */
export function compareSnapshots(before: ContractSnapshot, after: ContractSnapshot): Finding[] {
  const payloads = createPayloadComparison(before.$defs ?? {}, after.$defs ?? {})
  const found = compareNamespaces(before, after, '', payloads)
  return severities.flatMap((severity) => found.filter((one) => one.severity === severity))
}

type Members<Definition> = Readonly<Record<string, Definition>> | undefined

function compareNamespaces(
  before: NamespaceSnapshot,
  after: NamespaceSnapshot,
  at: string,
  payloads: PayloadComparison,
): Finding[] {
  return [
    ...payloads.sent(before.auth, after.auth, `${at}auth`),
    ...compareProcedures(before, after, at, payloads),
    ...compareStreams(before, after, at, payloads),
    ...compareEvents(before.events, after.events, `${at}events`, payloads),
    ...compareMembers(before.rooms, after.rooms, `${at}rooms`, {
      removed: (path) => [finding('room-removed', path, 'Old clients join it, and it is no longer there.')],
      added: (path) => [finding('room-added', path, 'It is new.')],
      both: (old, now, path) => compareRooms(old, now, path, payloads),
    }),
    ...compareMembers(before.namespaces, after.namespaces, `${at}namespaces`, {
      removed: (path) => [finding('namespace-removed', path, 'Old clients use it, and it is no longer there.')],
      added: (path) => [finding('namespace-added', path, 'It is new.')],
      both: (old, now, path) => compareNamespaces(old, now, `${path}.`, payloads),
    }),
  ]
}

interface Comparing<Definition> {
  readonly removed: (path: string, name: string) => readonly Finding[]
  readonly added: (path: string, name: string) => readonly Finding[]
  readonly both: (before: Definition, after: Definition, path: string) => readonly Finding[]
}

function compareMembers<Definition>(
  before: Members<Definition>,
  after: Members<Definition>,
  at: string,
  { removed, added, both }: Comparing<Definition>,
): Finding[] {
  const olds = new Map(Object.entries(before ?? {}))
  const news = new Map(Object.entries(after ?? {}))
  const names = [...new Set([...olds.keys(), ...news.keys()])].sort()
  return names.flatMap((name) => {
    const path = `${at}.${name}`
    const [old, now] = [olds.get(name), news.get(name)]
    if (now === undefined) return removed(path, name)
    return old === undefined ? added(path, name) : both(old, now, path)
  })
}

function compareProcedures(
  before: NamespaceSnapshot,
  after: NamespaceSnapshot,
  at: string,
  payloads: PayloadComparison,
): Finding[] {
  return compareMembers(before.procedures, after.procedures, `${at}procedures`, {
    removed: (path, name) =>
      has(after.streams, name)
        ? [finding('procedure-became-stream', path, 'Old clients call it, and it is a stream now.')]
        : [finding('procedure-removed', path, 'Old clients call it, and it is no longer there.')],
    added: (path, name) => (has(before.streams, name) ? [] : [finding('procedure-added', path, 'It is new.')]),
    both: (old, now, path) => [
      ...compareInputs(old, now, path, payloads),
      ...payloads.received(old.output, now.output, `${path}.output`),
      ...compareErrors(old.errors, now.errors, `${path}.errors`, payloads),
      ...compareFlags(old.idempotent, now.idempotent, path, {
        withdrawn: ['idempotent-withdrawn', 'Calls in flight were repeated when a session was lost, and now reject.'],
        declared: ['idempotent-declared', 'Calls in flight rejected when a session was lost, and are now repeated.'],
      }),
      ...compareTimes(old.timeoutMs, now.timeoutMs, path, 'the default of the server'),
    ],
  })
}

function compareStreams(
  before: NamespaceSnapshot,
  after: NamespaceSnapshot,
  at: string,
  payloads: PayloadComparison,
): Finding[] {
  return compareMembers(before.streams, after.streams, `${at}streams`, {
    removed: (path, name) =>
      has(after.procedures, name)
        ? [finding('stream-became-procedure', path, 'Old clients open it, and it is a procedure now.')]
        : [finding('stream-removed', path, 'Old clients open it, and it is no longer there.')],
    added: (path, name) => (has(before.procedures, name) ? [] : [finding('stream-added', path, 'It is new.')]),
    both: (old, now, path) => [
      ...compareInputs(old, now, path, payloads),
      ...payloads.received(old.items, now.items, `${path}.items`),
      ...compareErrors(old.errors, now.errors, `${path}.errors`, payloads),
      ...compareFlags(old.keyed, now.keyed, path, {
        withdrawn: ['stream-no-longer-keyed', 'It went on when a session was lost, and now ends with it.'],
        declared: ['stream-keyed', 'It ended with its session, and now goes on when that is lost.'],
      }),
      ...compareTimes(old.timeoutMs, now.timeoutMs, path, undefined),
    ],
  })
}

const has = (members: Members<unknown>, name: string) => members !== undefined && Object.hasOwn(members, name)

type Inputs = Pick<ProcedureSnapshot | StreamSnapshot, 'input' | 'upload'>

function compareInputs(before: Inputs, after: Inputs, path: string, payloads: PayloadComparison): readonly Finding[] {
  if (before.upload && after.upload) {
    return [
      ...payloads.sent(before.upload.head, after.upload.head, `${path}.upload.head`),
      ...payloads.sent(before.upload.items, after.upload.items, `${path}.upload.items`),
    ]
  }
  if (after.upload)
    return [finding('input-became-upload', `${path}.input`, 'Old clients send it at once, and it is an upload now.')]
  if (before.upload)
    return [
      finding(
        'upload-became-input',
        `${path}.upload`,
        'Old clients send it item by item, and it is no upload any more.',
      ),
    ]
  return payloads.sent(before.input, after.input, `${path}.input`)
}

function compareErrors(
  before: ErrorSnapshots | undefined,
  after: ErrorSnapshots | undefined,
  at: string,
  payloads: PayloadComparison,
): Finding[] {
  return compareMembers(before, after, at, {
    removed: (path) => [finding('error-removed', path, 'It no longer comes.')],
    added: (path) => [finding('error-added', path, 'Old clients do not know it.')],
    both: payloads.received,
  })
}

type Told = readonly [rule: RuleId, reason: string]

function compareFlags(
  before: true | undefined,
  after: true | undefined,
  path: string,
  { withdrawn, declared }: { readonly withdrawn: Told; readonly declared: Told },
): Finding[] {
  if (before === after) return []
  const [rule, reason] = before ? withdrawn : declared
  return [finding(rule, path, reason)]
}

/** @param fallback what holds where nothing is declared; `undefined`: as long as it likes */
function compareTimes(
  before: number | undefined,
  after: number | undefined,
  path: string,
  fallback: string | undefined,
): Finding[] {
  if (before === after) return []
  const told = (ms: number | undefined) => (ms === undefined ? (fallback ?? 'without limit') : `${ms} ms`)
  const isKnown = fallback === undefined || (before !== undefined && after !== undefined)
  const isShorter = !isKnown || (after ?? Infinity) < (before ?? Infinity)
  const reason = `It was ${told(before)}, and is now ${told(after)}.`
  return [finding(isShorter ? 'timeout-shortened' : 'timeout-lengthened', `${path}.timeoutMs`, reason)]
}

function compareEvents(
  before: EventsSnapshot | undefined,
  after: EventsSnapshot | undefined,
  at: string,
  payloads: PayloadComparison,
): Finding[] {
  return [
    ...compareMembers(before?.toServer, after?.toServer, `${at}.toServer`, {
      removed: (path) => [finding('event-to-server-removed', path, 'Old clients emit it, and it is no longer taken.')],
      added: (path) => [finding('event-to-server-added', path, 'It is new.')],
      both: (old, now, path) => [
        ...payloads.sent(old.payload, now.payload, `${path}.payload`),
        ...payloads.received(old.ack, now.ack, `${path}.ack`),
        ...compareDelivery(old, now, path),
      ],
    }),
    ...compareMembers(before?.toClient, after?.toClient, `${at}.toClient`, {
      removed: (path) => [
        finding('event-to-client-removed', path, 'Old clients listen to it, and it no longer comes.'),
      ],
      added: (path) => [finding('event-to-client-added', path, 'It is new.')],
      both: (old, now, path) => [
        ...payloads.received(old.payload, now.payload, `${path}.payload`),
        ...compareAcks(old, now, `${path}.ack`, payloads),
        ...compareDelivery(old, now, path),
      ],
    }),
  ]
}

/** Of events to clients: the server says with each what it asks for, so one that carries no data any more is no harm. EV-2 */
function compareAcks(
  before: EventSnapshot,
  after: EventSnapshot,
  path: string,
  payloads: PayloadComparison,
): readonly Finding[] {
  if (before.ack === undefined || after.ack !== undefined) return payloads.sent(before.ack, after.ack, path)
  return [finding('ack-withdrawn', path, 'Old clients answer with data, of which nobody asks any more.')]
}

function compareDelivery(before: EventSnapshot, after: EventSnapshot, path: string): Finding[] {
  const [old, now] = [before.delivery ?? 'reliable', after.delivery ?? 'reliable']
  const reason = `It was ${told(old, before.keyed)}, and is now ${told(now, after.keyed)}.`
  if (old === now && before.keyed === after.keyed) return []
  if (now === 'reliable') return [finding('delivery-reliable', `${path}.delivery`, reason)]
  return [finding(old === 'reliable' ? 'delivery-lost' : 'delivery-changed', `${path}.delivery`, reason)]
}

const told = (delivery: string, keyed: true | undefined) => (keyed ? `${delivery} by key` : delivery)

function compareRooms(before: RoomSnapshot, after: RoomSnapshot, path: string, payloads: PayloadComparison): Finding[] {
  return [
    ...payloads.sent(before.params, after.params, `${path}.params`),
    ...comparePresence(before.presence, after.presence, `${path}.presence`, payloads),
    ...compareEvents(before.events, after.events, `${path}.events`, payloads),
  ]
}

function comparePresence(
  before: RoomSnapshot['presence'],
  after: RoomSnapshot['presence'],
  path: string,
  payloads: PayloadComparison,
): readonly Finding[] {
  if (before && after) {
    return [
      ...payloads.sent(before.given, after.given, `${path}.given`),
      ...payloads.received(before.seen, after.seen, `${path}.seen`),
    ]
  }
  if (before)
    return [
      finding('presence-removed', path, 'Old clients say who they are and see who is there, and neither is declared.'),
    ]
  if (!after) return []
  const isNeeded = payloads.sent(undefined, after.given, path).some(({ severity }) => severity === 'breaking')
  if (!isNeeded) return [finding('presence-offered', path, 'Old clients say nothing of themselves, and need not.')]
  return [finding('presence-added', path, 'Old clients say nothing of themselves, but must now.')]
}
