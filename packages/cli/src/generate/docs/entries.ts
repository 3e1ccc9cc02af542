import type {
  Described,
  ErrorSnapshots,
  EventSnapshot,
  EventsSnapshot,
  JsonSchema,
  NamespaceSnapshot,
  ProcedureSnapshot,
  RoomSnapshot,
  StreamSnapshot,
} from '@typewire/core/snapshot'
import { hrefOf, type Html, html, idOf, nothing, prose } from './html.ts'
import { isUndefined, type Schemas } from './schemas.ts'
import { typeTable } from './type-table.ts'
import { authUsage, callUsage, eventUsage, joinUsage, type Scope, streamUsage, type Usage } from './usage.ts'

/** What the page tells of by itself: it has an anchor, a line in the navigation, and is found. */
export interface Entry {
  readonly place: string
  readonly name: string
  readonly isDeprecated: boolean
  readonly html: Html
}

/** Entries under one heading. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly intro: string
  readonly entries: readonly Entry[]
}

/** Where one is: `namespaces.admin.` in the contract. */
export interface At extends Scope {
  readonly place: string
}

/** All that a namespace has itself. */
export function sectionsOf(namespace: NamespaceSnapshot, at: At, schemas: Schemas): readonly Section[] {
  const { auth, procedures = {}, streams = {}, events = {}, rooms = {} } = namespace
  const prefix = at.path === '' ? '' : `${at.path.slice(0, -1)}: `
  const section = (id: string, title: string, intro: string, entries: readonly Entry[]): Section => ({
    id: at.place + id,
    title: prefix + title,
    intro,
    entries,
  })
  return [
    section('auth', 'Credentials', '', auth === undefined ? [] : [authEntry(auth, at, schemas)]),
    section(
      'procedures',
      'Procedures',
      'A client calls, the server answers once.',
      entriesOf(procedures, (procedure, name) => procedureEntry(procedure, name, at, schemas)),
    ),
    section(
      'streams',
      'Streams',
      'A client calls, the server answers with many items.',
      entriesOf(streams, (stream, name) => streamEntry(stream, name, at, schemas)),
    ),
    section(
      'events.toServer',
      'Events to the server',
      'Clients emit them.',
      eventEntries(events, 'toServer', { place: `${at.place}events`, owner: at.client, path: at.path }, schemas),
    ),
    section(
      'events.toClient',
      'Events to clients',
      'The server emits them, to one client or to many.',
      eventEntries(events, 'toClient', { place: `${at.place}events`, owner: at.client, path: at.path }, schemas),
    ),
    section(
      'rooms',
      'Rooms',
      'A kind and its params are one room. Who has joined it gets its events.',
      entriesOf(rooms, (room, name) => roomEntry(room, name, at, schemas)).flat(),
    ),
  ].filter(({ entries }) => entries.length > 0)
}

/** A type that has a name. */
export function typeEntry(name: string, schema: JsonSchema, schemas: Schemas): Entry {
  return entryOf(`types.${name}`, name, 'type', typeof schema === 'boolean' ? {} : deprecatedOf(schema['deprecated']), [
    typeTable(schema, schemas, true),
  ])
}

/** An error code, with all that may answer it. */
export function errorEntry(code: string, from: readonly string[]): Entry {
  return entryOf(`errors.${code}`, code, 'error', {}, [
    html`<p>
      Answered by ${from.map((place, at) => html`${at > 0 && ', '}<a href="${hrefOf(place)}">${nameOf(place)}</a>`)}.
    </p>`,
  ])
}

const nameOf = (place: string) => place.replaceAll(/(^|\.)(namespaces|procedures|streams)\./g, '$1')

function deprecatedOf(deprecated: unknown): Described {
  return typeof deprecated === 'string' || deprecated === true ? { deprecated } : {}
}

function entriesOf<Definition, Of>(
  definitions: Readonly<Record<string, Definition>>,
  make: (definition: Definition, name: string) => Of,
): readonly Of[] {
  return Object.entries(definitions).map(([name, definition]) => make(definition, name))
}

function authEntry(auth: JsonSchema, at: At, schemas: Schemas): Entry {
  const path = at.path.slice(0, -1)
  return entryOf(`${at.place}auth`, path === '' ? 'Credentials' : `Credentials of ${path}`, '', {}, [
    part('What a client shows', typeTable(auth, schemas)),
    usage(authUsage(auth, at, schemas)),
  ])
}

function procedureEntry(procedure: ProcedureSnapshot, name: string, at: At, schemas: Schemas): Entry {
  const place = `${at.place}procedures.${name}`
  const { output, errors, idempotent, timeoutMs } = procedure
  const badges = [idempotent && badge('idempotent'), limit(timeoutMs), procedure.upload && badge('upload')]
  return entryOf(
    place,
    at.path + name,
    'procedure',
    procedure,
    [
      ...inputParts(procedure, schemas),
      part('Output', output === undefined ? none : typeTable(output, schemas)),
      errorsPart(errors, schemas),
      usage(callUsage(procedure, name, at, schemas)),
    ],
    badges,
  )
}

function streamEntry(stream: StreamSnapshot, name: string, at: At, schemas: Schemas): Entry {
  const badges = [stream.keyed && badge('goes on'), limit(stream.timeoutMs), stream.upload && badge('upload')]
  return entryOf(
    `${at.place}streams.${name}`,
    at.path + name,
    'stream',
    stream,
    [
      ...inputParts(stream, schemas),
      part('Each item', typeTable(stream.items, schemas)),
      errorsPart(stream.errors, schemas),
      usage(streamUsage(stream, name, at, schemas)),
    ],
    badges,
  )
}

function inputParts({ input, upload }: ProcedureSnapshot, schemas: Schemas): readonly Html[] {
  if (!upload) return [part('Input', input === undefined ? none : typeTable(input, schemas))]
  return [
    upload.head === undefined ? nothing : part('Input, before the items', typeTable(upload.head, schemas)),
    part('Each item of the upload', typeTable(upload.items, schemas)),
  ]
}

function errorsPart(errors: ErrorSnapshots | undefined, schemas: Schemas): Html {
  if (!errors) return nothing
  const told = Object.entries(errors).map(
    ([code, data]) =>
      html`<dt>
          <a href="${hrefOf(`errors.${code}`)}"><code>${code}</code></a>
        </dt>
        <dd>${data === null || isUndefined(data) ? none : typeTable(data, schemas)}</dd>`,
  )
  return part('Errors', html`<dl>${told}</dl>`)
}

interface EventOwner {
  readonly place: string
  readonly owner: string
  readonly path: string
  readonly room?: number
}

function eventEntries(
  events: EventsSnapshot,
  direction: 'toServer' | 'toClient',
  owner: EventOwner,
  schemas: Schemas,
): readonly Entry[] {
  return entriesOf(events[direction] ?? {}, (event, name) => {
    const place = `${owner.place}.${direction}.${name}`
    const shown = owner.room === undefined ? owner.path + name : `${owner.path}${name}`
    return entryOf(
      place,
      shown,
      direction === 'toServer' ? 'to the server' : 'to clients',
      event,
      [
        part('Payload', event.payload === undefined ? none : typeTable(event.payload, schemas)),
        event.ack === undefined ? nothing : part('Ack', typeTable(event.ack, schemas)),
        usage(eventUsage(event, direction, { name, ...owner }, schemas)),
      ],
      [deliveryOf(event), event.ack !== undefined && badge('ack')],
    )
  })
}

function roomEntry(room: RoomSnapshot, name: string, at: At, schemas: Schemas): readonly Entry[] {
  const place = `${at.place}rooms.${name}`
  const { params, presence, events = {} } = room
  const owner = { place: `${place}.events`, owner: 'room', path: `${at.path}${name}.`, room: 1 }
  const inside = [
    ...eventEntries(events, 'toServer', owner, schemas),
    ...eventEntries(events, 'toClient', owner, schemas),
  ]
  const itself = entryOf(
    place,
    at.path + name,
    'room',
    room,
    [
      part(
        'Params',
        params === undefined ? html`<p>None: there is one room of this kind.</p>` : typeTable(params, schemas),
      ),
      ...(presence
        ? [
            part('Presence: what a member says of itself', typeTable(presence.given, schemas)),
            ...(JSON.stringify(presence.given) === JSON.stringify(presence.seen)
              ? []
              : [part('Presence: what members see of others', typeTable(presence.seen, schemas))]),
          ]
        : []),
      inside.length === 0
        ? nothing
        : part(
            'Events',
            html`<ul class="links">
              ${inside.map(
                (event) =>
                  html`<li>
                    <a href="${hrefOf(event.place)}"><code>${event.name.slice(owner.path.length)}</code></a>
                    ${event.place.includes('.toServer.') ? 'to the server' : 'to members'}
                  </li>`,
              )}
            </ul>`,
          ),
      usage(joinUsage(room, name, at, schemas)),
    ],
    [presence && badge('presence')],
  )
  return [itself, ...inside]
}

const none = html`<p class="none">Nothing.</p>`

function entryOf(
  place: string,
  name: string,
  kind: string,
  told: Described,
  parts: readonly Html[],
  badges: readonly (Html | false | undefined)[] = [],
): Entry {
  const { description, deprecated } = told
  const isDeprecated = deprecated !== undefined && deprecated !== false
  const warning = !isDeprecated
    ? nothing
    : html`<p class="warning">
        <strong>Deprecated.</strong
        >${typeof deprecated === 'string' && html` Use <code>${deprecated}</code> in its place.`}
      </p>`
  return {
    place,
    name,
    isDeprecated,
    html: html`<article id="${idOf(place)}" tabindex="-1">
      <h3>
        <a href="${hrefOf(place)}">${name}</a>
        <span class="kind">${kind}</span
        >${badges.map((one) => one && html` ${one}`)}${isDeprecated && html` <span class="badge old">deprecated</span>`}
      </h3>
      ${warning}${description !== undefined && prose(description)} ${parts}
    </article> `,
  }
}

const part = (title: string, inside: Html) =>
  html`<h4>${title}</h4>
    ${inside} `

/** What travels is of interest to few. */
function usage({ code, wire }: Usage): Html {
  return html`<h4>Example</h4>
    <pre><code>${code}</code></pre>
    <details>
      <summary>On the wire</summary>
      <pre class="wire"><code>${wire.join('\n')}</code></pre>
    </details> `
}

const limit = (timeoutMs: number | undefined) =>
  timeoutMs !== undefined && badge('limit', timeoutMs % 1000 === 0 ? `${timeoutMs / 1000} s` : `${timeoutMs} ms`)

function deliveryOf({ delivery, keyed }: EventSnapshot): Html | undefined {
  if (delivery === undefined) return undefined
  return badge(keyed ? 'latest of each key' : delivery)
}

/** What a badge means, is below all in words too: a hint alone is nothing for who has no mouse. */
export const badgeMeanings: Readonly<Record<string, string>> = {
  idempotent: 'Running it twice does what running it once does: after a lost session the client calls again by itself.',
  limit: 'How long it may take; then it fails with TIMED_OUT.',
  upload: 'Its input is made of items that follow one by one.',
  'goes on': 'Its items have keys: after a lost session it goes on where it was.',
  ack: 'Who gets it answers, with data.',
  volatile: 'It is dropped where a client does not keep up.',
  latest: 'Where a client does not keep up, only the newest waits.',
  'latest of each key': 'Where a client does not keep up, only the newest of each key waits.',
  presence: 'Members see who is in the room.',
}

function badge(name: string, value?: string): Html {
  return html`<a class="badge" href="#legend" title="${badgeMeanings[name]}"
    >${value === undefined ? name : `${name} ${value}`}</a
  >`
}
