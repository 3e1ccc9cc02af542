import { isName } from '../contract/names.ts'
import { fingerprintOf } from './fingerprint.ts'
import type { ContractSnapshot } from './types.ts'

/**
 * Checks that it is a snapshot in all its parts, and not only at its head. What its fingerprint says is not looked at.
 * @param where what it was read from, for errors. @throws TypeError with the path of what is wrong.
 */
export function assertSnapshot(value: unknown, where: string): asserts value is ContractSnapshot {
  const version = (value as { typewire?: unknown } | null | undefined)?.typewire
  if (version === undefined)
    throw new TypeError(
      `${where} is no snapshot of a contract: it says nothing of "typewire". Make one: typewire snapshot.`,
    )
  if (version !== 1)
    throw new TypeError(
      `${where} is of version ${JSON.stringify(version)} of the format, and this is for version 1. Use the same version of typewire for both.`,
    )
  new Reader(value, where).contract()
}

/** @throws TypeError where a snapshot has the fingerprint of another contract. */
export async function assertFingerprint(snapshot: ContractSnapshot, where: string): Promise<void> {
  const fingerprint = await fingerprintOf(snapshot)
  if (snapshot.fingerprint === fingerprint) return
  throw new TypeError(
    `${where} says the fingerprint ${snapshot.fingerprint}, but holds the contract ${fingerprint}: it was edited or merged by hand. Write it anew: typewire snapshot.`,
  )
}

type Members = Readonly<Record<string, unknown>>
type Check = (value: unknown, path: string) => void

/** Walks through one snapshot, by the shapes that types.ts has. */
class Reader {
  readonly #root: unknown
  readonly #where: string
  readonly #definitions: Members

  constructor(root: unknown, where: string) {
    this.#root = root
    this.#where = where
    const { $defs } = root as { $defs?: unknown }
    this.#definitions = isObject($defs) ? $defs : {}
  }

  contract(): void {
    this.#namespace(this.#root, '', {
      typewire: () => {},
      name: (name, path) => this.#need(typeof name === 'string' && identifier.test(name), path, name, 'an identifier'),
      fingerprint: this.#text,
      $defs: (definitions, path) => {
        for (const [name, schema] of this.#entries(definitions, path)) {
          this.#need(identifier.test(name), path, name, 'names that are identifiers')
          this.#schema(schema, `${path}.${name}`)
        }
      },
    })
    this.#need('fingerprint' in (this.#root as Members), 'fingerprint', undefined, 'a text')
  }

  #namespace(value: unknown, path: string, more: Readonly<Record<string, Check>> = {}): void {
    this.#members(value, path, {
      ...more,
      auth: this.#schema,
      procedures: this.#named((procedure, at) =>
        this.#members(procedure, at, { ...this.#call, output: this.#schema, idempotent: this.#yes }),
      ),
      streams: this.#named((stream, at) =>
        this.#members(stream, at, { ...this.#call, items: this.#schema, keyed: this.#yes }, ['items']),
      ),
      events: this.#events,
      rooms: this.#named((room, at) =>
        this.#members(room, at, {
          ...this.#told,
          params: this.#schema,
          events: this.#events,
          presence: this.#presence,
        }),
      ),
      namespaces: this.#named((namespace, at) => this.#namespace(namespace, at)),
    })
  }

  readonly #text: Check = (value, path) => this.#need(typeof value === 'string', path, value, 'a text')
  readonly #yes: Check = (value, path) => this.#need(value === true, path, value, 'true')

  readonly #schema: Check = (schema, path) => {
    if (typeof schema === 'boolean') return
    this.#need(isObject(schema), path, schema, 'a schema: an object, or a boolean')
    for (const [keyword, value] of Object.entries(schema as Members)) {
      const at = `${path}.${keyword}`
      if (keyword === '$ref') this.#reference(value, at)
      else if (schemaByName.has(keyword))
        for (const [name, inner] of this.#entries(value, at)) this.#schema(inner, `${at}.${name}`)
      else if (schemaLists.has(keyword)) this.#list(value, at, this.#schema)
      else if (keyword === 'items' && Array.isArray(value)) this.#list(value, at, this.#schema)
      else if (schemas.has(keyword)) this.#schema(value, at)
      else if (keyword === 'required') this.#list(value, at, this.#text)
      else if (keyword === 'enum') this.#list(value, at, () => {})
      else if (keyword === 'type' && Array.isArray(value)) this.#list(value, at, this.#text)
      else if (texts.has(keyword)) this.#text(value, at)
    }
  }

  #reference(ref: unknown, path: string): void {
    const name = typeof ref === 'string' && ref.startsWith(toDefinitions) ? ref.slice(toDefinitions.length) : undefined
    this.#need(name !== undefined, path, ref, `a reference to one of its definitions: ${toDefinitions}…`)
    this.#need(Object.hasOwn(this.#definitions, name!), path, ref, 'the name of one of its $defs')
  }

  readonly #told = {
    description: this.#text,
    deprecated: (value: unknown, path: string) =>
      this.#need(typeof value === 'boolean' || typeof value === 'string', path, value, 'true, or a text'),
  }

  readonly #call = {
    ...this.#told,
    input: this.#schema,
    upload: (upload: unknown, path: string) =>
      this.#members(upload, path, { items: this.#schema, head: this.#schema }, ['items']),
    errors: this.#named((data, at) => data === null || this.#schema(data, at)),
    // JSON says null of a limit that is infinite.
    timeoutMs: (value: unknown, path: string) =>
      this.#need(
        value === null || (typeof value === 'number' && value > 0),
        path,
        value,
        'a number of milliseconds above 0',
      ),
  }

  readonly #events: Check = (events, path) => {
    const section = this.#named((event, at) =>
      this.#members(event, at, {
        ...this.#told,
        payload: this.#schema,
        ack: this.#schema,
        delivery: (value, place) =>
          this.#need(value === 'volatile' || value === 'latest', place, value, "'volatile' or 'latest'"),
        keyed: this.#yes,
      }),
    )
    this.#members(events, path, { toServer: section, toClient: section })
  }

  readonly #presence: Check = (presence, path) =>
    this.#members(presence, path, { given: this.#schema, seen: this.#schema }, ['given', 'seen'])

  /** What has members of these names alone. */
  #members(
    value: unknown,
    path: string,
    checks: Readonly<Record<string, Check>>,
    required: readonly string[] = [],
  ): void {
    for (const [name, member] of this.#entries(value, path)) {
      const at = path === '' ? name : `${path}.${name}`
      if (!Object.hasOwn(checks, name))
        this.#fail(`${at} is none of what may stand there: ${Object.keys(checks).join(', ')}.`)
      checks[name]!(member, at)
    }
    for (const name of required) if (!Object.hasOwn(value as Members, name)) this.#fail(`${path}.${name} is missing.`)
  }

  /** What has members by names of the contract's. */
  #named(check: Check): Check {
    return (value, path) => {
      for (const [name, member] of this.#entries(value, path)) {
        if (!isName(name)) this.#fail(`${path} has the name ${JSON.stringify(name)}, which no contract can have.`)
        check(member, `${path}.${name}`)
      }
    }
  }

  #list(value: unknown, path: string, check: Check): void {
    this.#need(Array.isArray(value), path, value, 'a list')
    for (const [index, item] of (value as unknown[]).entries()) check(item, `${path}[${index}]`)
  }

  #entries(value: unknown, path: string): readonly (readonly [string, unknown])[] {
    this.#need(isObject(value), path, value, 'an object')
    return Object.entries(value as Members)
  }

  #need(isGood: boolean, path: string, value: unknown, what: string): void {
    if (!isGood) this.#fail(`${path} is ${shown(value)}, and has to be ${what}.`)
  }

  #fail(why: string): never {
    throw new TypeError(`${this.#where} is no snapshot of a contract: ${why} Write it anew: typewire snapshot.`)
  }
}

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text
}

const maxShown = 60
const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u
const toDefinitions = '#/$defs/'

// Keywords of JSON Schema, by what they hold.
const schemas = new Set([
  ...['items', 'additionalProperties', 'propertyNames', 'contains', 'not', 'if', 'then', 'else'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
])
const schemaLists = new Set(['prefixItems', 'anyOf', 'oneOf', 'allOf'])
const schemaByName = new Set(['properties', 'patternProperties', 'dependentSchemas'])
const texts = new Set(['type', 'description', 'x-typewire-type'])
