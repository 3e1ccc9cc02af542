import type {
  ContractSnapshot,
  ErrorSnapshots,
  EventSnapshot,
  EventsSnapshot,
  JsonSchema,
  NamespaceSnapshot,
  ProcedureSnapshot,
  RoomSnapshot,
  StreamSnapshot,
  UploadSnapshot,
} from '@typewire/core/snapshot'
import { keywords, stableText } from '@typewire/core/snapshot'
import { docOfDefinition, docOfSchema } from './docs.ts'
import type { TypeNames } from './names.ts'
import { SchemaTypes } from './schema-types.ts'
import { docText, keyText, literalText, type Member, membersText } from './text.ts'

/** What is imported of the client, by the name that it has there. */
export type Imported =
  | 'Client'
  | 'ClientOptionsOf'
  | 'Contract'
  | 'Event'
  | 'ItemsToUpload'
  | 'LeanClientOptions'
  | 'Nothing'
  | 'Procedure'
  | 'Room'
  | 'Schema'
  | 'StreamProcedure'
  | 'UnkeptEmitOptions'

/** A type that is longer is given a name. */
const maxUnnamedLength = 60

/** Writes the types of one contract: of its payloads, by name or by place, and its own. */
export class ContractTypes {
  /** The types of payloads, in the order of their places. */
  readonly payloads: string[] = []
  /** The contracts of namespaces, those within others first. */
  readonly namespaces: string[] = []
  readonly imports = new Map<Imported, string>()
  readonly #names: TypeNames
  readonly #types: SchemaTypes
  readonly #definitions: Readonly<Record<string, JsonSchema>>
  readonly #definitionNames: ReadonlyMap<string, string>
  readonly #root: string

  /** @param root the name of the contract's own type, which is claimed */
  constructor(snapshot: ContractSnapshot, names: TypeNames, root: string) {
    this.#names = names
    this.#root = root
    this.#definitions = snapshot.$defs ?? {}
    this.#definitionNames = names.claimAll(Object.keys(this.#definitions))
    this.#types = new SchemaTypes(this.#definitions, this.#definitionNames)
  }

  /** The definitions that schemas share, by their names. */
  definitions(): readonly string[] {
    return [...this.#definitionNames].map(([name, type]) =>
      this.#declaration(type, this.#definitions[name]!, this.#types.definition(name)),
    )
  }

  /** `interface Chat extends Contract<…> {}`. @param path of the namespace: empty for the root */
  contract(namespace: NamespaceSnapshot, name: string, path: readonly string[] = []): string {
    const { auth, procedures, streams, events, rooms, namespaces } = namespace
    const shown = auth && this.#payload(auth, [...(path.length > 0 ? path : [this.#root]), 'Auth'])
    const members: Member[] = [
      plain(`auth: ${shown === undefined ? this.import('Nothing') : `${this.import('Schema')}<${shown}, ${shown}>`}`),
      this.#section('procedures', procedures, (procedure, at) => this.#procedure(procedure, [...path, at])),
      this.#section('streams', streams, (stream, at) => this.#stream(stream, [...path, at])),
      this.#events(events, path),
      this.#section('rooms', rooms, (room, at) => this.#room(room, [...path, at, 'room'])),
      this.#section('namespaces', namespaces, (inner, at) => this.#namespace(inner, [...path, at])),
    ]
    return `export interface ${name} extends ${this.import('Contract')}<${literalText(members, 0)}> {}`
  }

  /** The name that an import has here: another, where a type of the contract's has that. */
  import(name: Imported): string {
    const there = this.imports.get(name)
    if (there !== undefined) return there
    const here = this.#names.has(name) ? this.#names.claim(`Typewire${name}`) : this.#names.claim(name)
    this.imports.set(name, here)
    return here
  }

  #namespace(namespace: NamespaceSnapshot, path: readonly string[]): string {
    const name = this.#names.claim(this.#root, ...path)
    this.namespaces.push(this.contract(namespace, name, path))
    return name
  }

  #section<Definition extends object>(
    section: string,
    definitions: Readonly<Record<string, Definition>> | undefined,
    write: (definition: Definition, name: string) => string,
  ): Member {
    return plain(`${section}: ${literalText(this.#members(definitions, write), 0)}`)
  }

  #members<Definition extends object>(
    definitions: Readonly<Record<string, Definition>> | undefined,
    write: (definition: Definition, name: string) => string,
  ): readonly Member[] {
    return Object.entries(definitions ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, definition]) => ({
        doc: docOfDefinition(definition),
        text: `${keyText(name)}: ${write(definition, name)}`,
      }))
  }

  #procedure({ input, upload, output, errors }: ProcedureSnapshot, at: readonly string[]): string {
    const given = this.#input(input, upload, at)
    const got = output === undefined ? 'void' : this.#payload(output, [...at, 'output'])
    return `${this.import('Procedure')}<${given}, ${got}, ${this.#errors(errors, at)}>`
  }

  #stream({ input, upload, items, errors }: StreamSnapshot, at: readonly string[]): string {
    const given = this.#input(input, upload, at)
    const got = this.#payload(items, [...at, 'item'])
    return `${this.import('StreamProcedure')}<${given}, ${got}, ${this.#errors(errors, at)}>`
  }

  #input(input: JsonSchema | undefined, upload: UploadSnapshot | undefined, at: readonly string[]): string {
    if (upload === undefined) return input === undefined ? 'void' : this.#payload(input, [...at, 'input'])
    const { head } = upload
    const items = `${this.import('ItemsToUpload')}<${this.#payload(upload.items, [...at, 'upload'])}>`
    if (head === undefined) return items
    return `${this.#payload(head, [...at, 'head'])} & { readonly items: ${items} }`
  }

  #errors(errors: ErrorSnapshots | undefined, at: readonly string[]): string {
    if (errors === undefined) return '{}'
    const members = Object.entries(errors)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([code, data]) =>
        data === null
          ? plain(`${keyText(code)}: void`)
          : { doc: docOfSchema(data), text: `${keyText(code)}: ${this.#orNone(data, this.#types.text(data))}` },
      )
    const name = this.#names.claim(...at, 'errors')
    this.payloads.push(`export interface ${name} {\n${membersText(members)}\n}`)
    return name
  }

  #events(events: EventsSnapshot | undefined, path: readonly string[]): Member {
    const sections = (['toServer', 'toClient'] as const).map((direction) =>
      this.#section(direction, events?.[direction], (event, at) =>
        this.#event(event, [...path, at, direction === 'toServer' ? 'eventInput' : 'event']),
      ),
    )
    return plain(`events: ${literalText(sections, 0)}`)
  }

  #event({ payload, ack, delivery }: EventSnapshot, at: readonly string[]): string {
    const sent = payload === undefined ? 'void' : this.#payload(payload, at)
    const answered = ack === undefined ? 'void' : this.#payload(ack, [...at.slice(0, -1), 'ack'])
    const acks = ack === undefined && delivery === undefined ? [] : [answered, answered]
    const options = delivery === undefined ? [] : [this.import('UnkeptEmitOptions')]
    return `${this.import('Event')}<${[sent, sent, ...acks, ...options].join(', ')}>`
  }

  #room({ params, presence, events }: RoomSnapshot, at: readonly string[]): string {
    const given = params === undefined ? 'void' : this.#payload(params, [...at, 'params'])
    const up = this.#members(events?.toServer, (event, name) => this.#event(event, [...at, name, 'eventInput']))
    const down = this.#members(events?.toClient, (event, name) => this.#event(event, [...at, name, 'event']))
    const present = presence === undefined ? [] : [given, ...this.#presence(presence, at)]
    const parts = [given, literalText(up), literalText(down), ...present]
    const isLong = parts.join(', ').length > 80 || parts.some((part) => part.includes('\n'))
    const name = this.import('Room')
    return isLong
      ? `${name}<\n  ${parts.map((part) => part.replaceAll('\n', '\n  ')).join(',\n  ')}\n>`
      : `${name}<${parts.join(', ')}>`
  }

  /** What members give, and what others see of it, if that is something else. */
  #presence({ given, seen }: NonNullable<RoomSnapshot['presence']>, at: readonly string[]): readonly string[] {
    const shown = this.#payload(seen, [...at, 'presence'])
    if (stableText(given) === stableText(seen)) return [shown]
    return [this.#payload(given, [...at, 'presence', 'input']), shown]
  }

  /** A payload's type: by the name that it is given here, unless it is short, or has one. */
  #payload(schema: JsonSchema, at: readonly string[]): string {
    const text = this.#types.text(schema)
    const isShort = text.length <= maxUnnamedLength && !/[{\n]/.test(text)
    if (isShort && docOfSchema(schema).length === 0) return this.#orNone(schema, text)
    const name = this.#names.claim(...at)
    this.payloads.push(this.#declaration(name, schema, text))
    return this.#orNone(schema, name)
  }

  #orNone(schema: JsonSchema, text: string): string {
    const isOptional = typeof schema === 'object' && schema[keywords.optional] === true
    return isOptional && text !== 'unknown' && text !== 'undefined' ? `${text} | undefined` : text
  }

  #declaration(name: string, schema: JsonSchema, text: string): string {
    const doc = docText(docOfSchema(schema))
    const members = this.#types.members(schema)
    if (members !== undefined) return `${doc}export interface ${name} {\n${membersText(members)}\n}`
    return `${doc}export type ${name} =${text.startsWith('\n') ? '' : ' '}${text}`
  }
}

const plain = (text: string): Member => ({ doc: [], text })
