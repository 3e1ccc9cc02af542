import type {
  EventSnapshot,
  EventsSnapshot,
  JsonSchema,
  NamespaceSnapshot,
  ProcedureSnapshot,
  RoomSnapshot,
  StreamSnapshot,
} from '@typewire/core/snapshot'
import { keywords } from '@typewire/core/snapshot'
import { type Forms, literal } from './forms.ts'
import { docstring, Names, pascalCase, snakeCase, text } from './names.ts'
import type { Types } from './types.ts'

type Lines = string[]
type Call = ProcedureSnapshot & Partial<StreamSnapshot>

/** Writes the classes of a contract and of its namespaces: what is declared, as methods. */
export class ScopeWriter {
  /** What the runtime is told of the contract, and the classes. */
  readonly tables: Lines = []
  readonly classes: Lines[] = []
  readonly errors: Lines[] = []
  /** Events to the client by their names on the wire, and what namespaces ask for. */
  readonly events: Lines = []
  readonly namespaces: Lines = []
  readonly #types: Types
  readonly #forms: Forms
  readonly #names: Names

  constructor(types: Types, forms: Forms, names: Names) {
    this.#types = types
    this.#forms = forms
    this.#names = names
  }

  /** The lines of a constructor that make what a scope has, and the types of its attributes. */
  attributes(scope: NamespaceSnapshot, path: string, prefix: string): Lines {
    const at = prefix
    const made: [attribute: string, className: string][] = []
    const add = (attribute: string, lines: string | undefined) => lines && made.push([attribute, lines])
    add('call', this.#calls(scope.procedures, at, false))
    add('stream', this.#calls(scope.streams, at, true))
    const { toClient, toServer } = scope.events ?? {}
    if (toClient)
      for (const [name, event] of inOrder(toClient))
        this.events.push(`        ${text(path ? `${path}/${name}` : name)}: ${this.#event(event, name)},`)
    add('on', this.#handlers(toClient, `${at}Handlers`, at, false))
    add('emit', this.#emit(toServer, `${at}Emit`, at, false))
    add('emit_with_ack', this.#emitWithAck(toServer, `${at}EmitWithAck`, at, false))
    add('join', this.#join(scope.rooms, at))
    add('namespaces', this.#namespaces(scope.namespaces, path, at))
    return made.map(
      ([attribute, className]) =>
        `        self.${attribute} = ${className}(${attribute === 'namespaces' ? 'client' : 'scope'})`,
    )
  }

  #class(
    name: string,
    doc: string,
    methods: readonly Lines[],
    given = 'scope: tw.Scope',
    kept = 'self._scope = scope',
  ): string {
    const taken = this.#names.take(name)
    this.classes.push([
      `class ${taken}:`,
      `    """${doc}"""`,
      '',
      `    def __init__(self, ${given}) -> None:`,
      `        ${kept}`,
      ...methods.flatMap((method) => ['', ...method]),
    ])
    return taken
  }

  #calls(calls: Readonly<Record<string, Call>> | undefined, at: string, isStream: boolean): string | undefined {
    if (!calls) return undefined
    const names = methodNames(calls)
    const methods = inOrder(calls).map(([name, call]) => this.#call(names.get(name)!, name, call, at, isStream))
    return this.#class(`${at}${isStream ? 'Streams' : 'Calls'}`, isStream ? 'Streams.' : 'Procedures.', methods)
  }

  #call(method: string, name: string, call: Call, at: string, isStream: boolean): Lines {
    const place = this.#place(at) + pascalCase(name)
    const errors = sorted(call.errors ?? {}).map(([code, data]) => {
      const error = this.#names.take(`${place}${pascalCase(code)}Error`)
      const type = data === null ? 'None' : this.#types.of(data, `${place}${pascalCase(code)}Data`)
      this.errors.push([
        `class ${error}(tw.TypewireError):`,
        ...docstring([`${name} answered ${code}.`], '    '),
        '',
        `    data: ${type}`,
      ])
      return { code, error, form: this.#forms.of(data ?? true) }
    })
    const input = call.upload ? call.upload.head : call.input
    const output = isStream ? call.items : call.output
    const table = this.#names.take(`_${isStream ? 'stream' : 'call'}_${within(this.#place(at))}${snakeCase(name)}`)
    const told = [
      text(name),
      ...given('input', this.#forms.of(input)),
      ...given('output', this.#forms.of(output)),
      ...(call.upload ? given('items', this.#forms.of(call.upload.items)) : []),
      ...(errors.length > 0
        ? [`errors={${errors.map(({ code, error, form }) => `${text(code)}: (${error}, ${form})`).join(', ')}}`]
        : []),
      ...(call.idempotent ? ['idempotent=True'] : []),
      ...(call.timeoutMs === undefined ? [] : [`timeout_ms=${literal(call.timeoutMs)}`]),
      ...(isStream ? ['is_stream=True'] : []),
      ...(call.keyed ? ['is_keyed=True'] : []),
      ...(call.upload ? ['is_upload=True'] : []),
    ]
    this.tables.push(`${table} = tw.Procedure(${told.join(', ')})`)

    const item = call.upload && this.#types.of(call.upload.items, `${place}Upload`)
    const parameter = parameterOf(call.upload ? 'head' : 'input', input, this.#types.of(input, `${place}Input`))
    const result =
      output === undefined
        ? 'None'
        : optionally(output, this.#types.of(output, `${place}${isStream ? 'Item' : 'Output'}`))
    const parameters = [
      'self',
      ...(item ? [`items: Union[Iterable[${item}], AsyncIterable[${item}]]`] : []),
      ...parameter.declared,
    ]
    const doc = [
      ...described(call),
      ...(errors.length > 0 ? [`Raises ${errors.map(({ error }) => error).join(', ')}.`] : []),
    ]
    const passed = `self._scope, ${table}, ${parameter.passed}, timeout_s${item ? ', items' : ''}`
    const head = `(${parameters.join(', ')}, *, timeout_s: Union[float, None] = None)`
    if (isStream)
      return [
        `    def ${method}${head} -> tw.Stream[${result}]:`,
        ...docstring(doc, '        '),
        `        return self._scope.client.open_stream(${passed})`,
      ]
    const asked = `await self._scope.client.call_procedure(${passed})`
    return [
      `    async def ${method}${head} -> ${result}:`,
      ...docstring(doc, '        '),
      ...(result === 'None' ? [`        ${asked}`] : [`        result: ${result} = ${asked}`, '        return result']),
    ]
  }

  /** What the runtime is told of an event. */
  #event(event: EventSnapshot, name: string): string {
    return `tw.Event(${[
      text(name),
      ...given('payload', this.#forms.of(event.payload)),
      ...given('ack', this.#forms.of(event.ack)),
      ...(event.payload === undefined ? ['has_payload=False'] : []),
      ...(event.ack === undefined ? [] : ['has_ack=True']),
    ].join(', ')})`
  }

  /** The types of an event are the same wherever it is named: they are made once. */
  readonly #typesOfEvents = new Map<EventSnapshot, { readonly payload: string; readonly ack: string }>()

  #typesOf(event: EventSnapshot, place: string, kind = 'Payload'): { readonly payload: string; readonly ack: string } {
    const made = this.#typesOfEvents.get(event) ?? {
      payload: this.#types.of(event.payload, place + kind),
      ack: event.ack === undefined ? 'None' : optionally(event.ack, this.#types.of(event.ack, `${place}Ack`)),
    }
    this.#typesOfEvents.set(event, made)
    return made
  }

  #handlers(events: EventsSnapshot['toClient'], className: string, at: string, isRoom: boolean): string | undefined {
    if (!events) return undefined
    const names = methodNames(events)
    const methods = inOrder(events).map(([name, event]) => {
      const { payload, ack } = this.#typesOf(event, this.#place(at) + pascalCase(name))
      const takes = event.payload === undefined ? '' : optionally(event.payload, payload)
      const gives = event.ack === undefined ? 'object' : `Union[${ack}, Awaitable[${ack}]]`
      return [
        `    def ${names.get(name)!}(self, handler: Callable[[${takes}], ${gives}]) -> Callable[[], None]:`,
        ...docstring(
          [...described(event), 'Calls the handler, or awaits it, at each of these; what is returned takes it back.'],
          '        ',
        ),
        isRoom
          ? `        return self._scope.add_handler(${text(name)}, handler)`
          : `        return self._scope.client.add_handler(self._scope, ${text(name)}, handler)`,
      ]
    })
    return this.#class(className, 'Events that the server sends.', methods, isRoom ? 'scope: tw.Room[Any]' : undefined)
  }

  #emit(events: EventsSnapshot['toServer'], className: string, at: string, isRoom: boolean): string | undefined {
    if (!events) return undefined
    const names = methodNames(events)
    const methods = inOrder(events).map(([name, event]) => {
      const parameter = this.#eventParameter(event, at, name)
      const call = isRoom ? 'self._scope.emit_event(' : 'self._scope.client.emit_event(self._scope, '
      return [
        `    def ${names.get(name)!}(${['self', ...parameter.declared].join(', ')}, *, volatile: bool = False) -> None:`,
        ...docstring([...described(event), '`volatile`: dropped where it cannot leave at once.'], '        '),
        `        ${call}${this.#eventTable(event, name, at)}, ${parameter.passed}, volatile)`,
      ]
    })
    return this.#class(className, 'Events to the server.', methods, isRoom ? 'scope: tw.Room[Any]' : undefined)
  }

  #emitWithAck(events: EventsSnapshot['toServer'], className: string, at: string, isRoom: boolean): string | undefined {
    if (!events) return undefined
    const acked = inOrder(events)
    const names = methodNames(events)
    const methods = acked.map(([name, event]) => {
      const parameter = this.#eventParameter(event, at, name)
      const { ack } = this.#typesOf(event, this.#place(at) + pascalCase(name))
      const call = isRoom ? 'self._scope.emit_event_with_ack(' : 'self._scope.client.emit_event_with_ack(self._scope, '
      const asked = `await ${call}${this.#eventTable(event, name, at)}, ${parameter.passed}, timeout_s)`
      return [
        `    async def ${names.get(name)!}(${['self', ...parameter.declared].join(', ')}, *, timeout_s: Union[float, None] = None) -> ${ack}:`,
        ...docstring(described(event), '        '),
        ...(ack === 'None' ? [`        ${asked}`] : [`        result: ${ack} = ${asked}`, '        return result']),
      ]
    })
    return this.#class(
      className,
      'Events to the server, which say that they were handled.',
      methods,
      isRoom ? 'scope: tw.Room[Any]' : undefined,
    )
  }

  readonly #eventTables = new Map<EventSnapshot, string>()

  #eventTable(event: EventSnapshot, name: string, at: string): string {
    const there = this.#eventTables.get(event)
    if (there !== undefined) return there
    const table = this.#names.take(`_event_${within(this.#place(at))}${snakeCase(name)}`)
    this.#eventTables.set(event, table)
    this.tables.push(`${table} = ${this.#event(event, name)}`)
    return table
  }

  #eventParameter(event: EventSnapshot, at: string, name: string) {
    return parameterOf(
      'payload',
      event.payload,
      this.#typesOf(event, this.#place(at) + pascalCase(name), 'Input').payload,
    )
  }

  #join(rooms: NamespaceSnapshot['rooms'], at: string): string | undefined {
    if (!rooms) return undefined
    const names = methodNames(rooms)
    const methods = inOrder(rooms).map(([name, room]) => {
      const [className, params, presence] = this.#room(name, room, at)
      const parameter = parameterOf('params', room.params, params)
      const said = presence ? [sayPresence(room, presence)] : []
      return [
        `    def ${names.get(name)!}(${['self', ...parameter.declared, '*', ...said, 'last: Union[int, None] = None'].join(', ')}) -> ${className}:`,
        ...docstring(
          [
            ...described(room),
            'Await it, or use it with `async with`. `last`: so many events of before follow, where the room keeps some.',
          ],
          '        ',
        ),
        `        return self._scope.client.join_room(${className}(self._scope, ${room.params === undefined ? 'None' : 'params'}, ${presence ? 'presence' : 'None'}, last))`,
      ]
    })
    return this.#class(`${at}Join`, 'Rooms.', methods)
  }

  #room(
    name: string,
    room: RoomSnapshot,
    at: string,
  ): readonly [className: string, params: string, given: string | undefined] {
    const place = `${this.#place(at)}${pascalCase(name)}`
    const className = this.#names.take(place.endsWith('Room') ? place : `${place}Room`)
    this.#placesOfRooms.set(className, place)
    const params = this.#types.of(room.params, `${place}Params`)
    const presence = room.presence && this.#types.of(room.presence.given, `${place}PresenceInput`)
    const seen = room.presence ? this.#types.of(room.presence.seen, `${place}Presence`) : 'None'
    const { toClient, toServer } = room.events ?? {}
    const handlers = this.#handlers(toClient, `${className}Handlers`, className, true)
    const emit = this.#emit(toServer, `${className}Emit`, className, true)
    const emitWithAck = this.#emitWithAck(toServer, `${className}EmitWithAck`, className, true)
    const table = this.#names.take(`_room_${within(this.#place(at))}${snakeCase(name)}`)
    const events = inOrder(toClient ?? {}).map(
      ([event, definition]) => `${text(event)}: ${this.#event(definition, event)}`,
    )
    this.tables.push(
      `${table} = tw.RoomKind(${[
        text(name),
        ...given('params', this.#forms.of(room.params)),
        ...given('given', this.#forms.of(room.presence?.given)),
        ...given('seen', this.#forms.of(room.presence?.seen)),
        ...(events.length > 0 ? [`events={${events.join(', ')}}`] : []),
      ].join(', ')})`,
    )
    const set = presence
      ? [
          '',
          `    async def set_presence(self, presence: ${presence}) -> None:`,
          '        """Says something else of itself to those in the room."""',
          '        await self.say_presence(presence)',
        ]
      : []
    this.classes.push([
      `class ${className}(tw.Room[${seen}]):`,
      ...docstring(described(room).length > 0 ? described(room) : [`A room of the kind ${name}.`], '    '),
      '',
      `    def __init__(self, scope: tw.Scope, params: Any, presence: Any, last: Union[int, None]) -> None:`,
      `        super().__init__(scope, ${table}, params, presence, last)`,
      ...(handlers ? [`        self.on = ${handlers}(self)`] : []),
      ...(emit ? [`        self.emit = ${emit}(self)`] : []),
      ...(emitWithAck ? [`        self.emit_with_ack = ${emitWithAck}(self)`] : []),
      ...set,
    ])
    return [className, params, presence]
  }

  #namespaces(namespaces: NamespaceSnapshot['namespaces'], path: string, at: string): string | undefined {
    if (!namespaces) return undefined
    const names = methodNames(namespaces)
    const made = inOrder(namespaces).map(([name, namespace]) => {
      const whole = path ? `${path}/${name}` : name
      const place = at + pascalCase(name)
      this.namespaces.push(`        ${text(whole)}: ${this.#forms.of(namespace.auth)},`)
      const auth = namespace.auth && this.#types.of(namespace.auth, `${this.#place(place)}Auth`)
      const attributes = this.attributes(namespace, whole, place)
      const className = this.#names.take(`${place}Namespace`)
      this.classes.push([
        `class ${className}:`,
        ...docstring([`The namespace ${whole}: nothing of it is sent before it is open.`], '    '),
        '',
        '    def __init__(self, client: tw.Client) -> None:',
        `        self._scope = scope = client.scope(${text(whole)})`,
        ...attributes,
        '',
        ...(auth
          ? [
              `    async def open(self, *, auth: Union[${auth}, Callable[[], Union[${auth}, Awaitable[${auth}]]]]) -> None:`,
              '        """Opens it, or shows new credentials. A function is asked again whenever it is opened again."""',
              '        await self._scope.client.open_namespace(self._scope, auth)',
            ]
          : [
              '    async def open(self) -> None:',
              '        """Opens it."""',
              '        await self._scope.client.open_namespace(self._scope, None)',
            ]),
        '',
        '    async def close(self) -> None:',
        '        """Is done with it, and with what lies in it."""',
        '        await self._scope.client.close_namespace(self._scope)',
      ])
      return [names.get(name)!, className] as const
    })
    const className = this.#names.take(`${at}Namespaces`)
    this.classes.push([
      `class ${className}:`,
      '    """Namespaces, each opened by itself."""',
      '',
      '    def __init__(self, client: tw.Client) -> None:',
      ...made.map(([attribute, made]) => `        self.${attribute} = ${made}(client)`),
    ])
    return className
  }

  /** What names of payloads begin with: nothing at the root, so that they are short. */
  #place(at: string): string {
    return this.#placesOfRooms.get(at) ?? (at.startsWith(this.root) ? at.slice(this.root.length) : at)
  }

  /** By the names of their classes, which may have a number. */
  readonly #placesOfRooms = new Map<string, string>()

  /** What the classes of the root begin with. */
  root = ''
}

function parameterOf(
  name: string,
  schema: JsonSchema | undefined,
  type: string,
): { readonly declared: readonly string[]; readonly passed: string } {
  if (schema === undefined) return { declared: [], passed: 'tw.UNDEFINED' }
  if (!isOptional(schema)) return { declared: [`${name}: ${type}`], passed: name }
  return {
    declared: [`${name}: ${optionally(schema, type)} = None`],
    passed: `tw.UNDEFINED if ${name} is None else ${name}`,
  }
}

const isOptional = (schema: JsonSchema) => typeof schema === 'object' && schema[keywords.optional] === true

function optionally(schema: JsonSchema, type: string): string {
  if (!isOptional(schema) || type === 'Any' || type === 'None') return type
  if (type.startsWith('Union[')) return type.endsWith(', None]') ? type : `${type.slice(0, -1)}, None]`
  return `Union[${type}, None]`
}

/** What is declared, by the names that it has in Python. */
const methodNames = (declared: object) => new Names(['_scope']).takeAll(Object.keys(declared), snakeCase)

const given = (name: string, form: string) => (form === 'None' ? [] : [`${name}=${form}`])

function described(what: { readonly description?: string; readonly deprecated?: boolean | string }): string[] {
  return [
    ...(what.description === undefined ? [] : [what.description]),
    ...(what.deprecated ? [what.deprecated === true ? 'Deprecated.' : `Deprecated: ${what.deprecated}`] : []),
  ]
}

function sayPresence(room: RoomSnapshot, type: string): string {
  const { declared } = parameterOf('presence', room.presence?.given, type)
  return declared[0]!
}

const within = (place: string) => (place === '' ? '' : `${snakeCase(place)}_`)

/** By the names that they have in Python; of several with one the one that is written so comes first, and has it. */
const inOrder = <Value>(record: Readonly<Record<string, Value>>) => {
  const key = (name: string) => `${snakeCase(name)} ${snakeCase(name) === name ? '' : name}`
  return Object.entries(record).sort(([a], [b]) => (key(a) < key(b) ? -1 : 1))
}

export const sorted = <Value>(record: Readonly<Record<string, Value>>) =>
  Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))
