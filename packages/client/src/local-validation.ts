import { type AnyContract, type Events, type Schema, TypewireError } from '@typewire/core'
import { describeIssues, isPromiseLike, isUpload, validate } from '@typewire/core/internal'

/**
 * Checks what is given against the contract before it is sent, where the client was given the contract. The result of
 * the schema is thrown away and what was given is sent: the server parses it, and transforms must not run twice. Names are as
 * on the wire.
 */
export class LocalValidation {
  readonly #contract: AnyContract | undefined

  constructor(contract: AnyContract | undefined) {
    this.#contract = contract
  }

  /** @throws TypewireError `INVALID_INPUT`, or `NOT_FOUND` for a name that the contract does not have. */
  call(name: string, input: unknown): void {
    if (this.#contract) check(name, this.#part('procedures', name, 'procedure')['input'], input)
  }

  /** @throws as `call`. What is uploaded is read, and checked, item by item at the server. */
  stream(name: string, input: unknown): void {
    if (this.#contract) check(name, this.#part('streams', name, 'stream')['input'], input)
  }

  /** @throws as `call`. */
  event(name: string, payload: unknown): void {
    if (this.#contract) check(name, eventOf(this.#contractOf(name).events.toServer, name), payload)
  }

  /** @throws as `call`. */
  join(kind: string, params: unknown): void {
    if (this.#contract) check(kind, this.#part('rooms', kind, 'room')['params'], params)
  }

  /** @throws as `call`. */
  presence(kind: string, data: unknown): void {
    if (this.#contract) check(`${kind}.presence`, this.#part('rooms', kind, 'room')['presence'], data)
  }

  /** @throws as `call`. */
  roomEvent(kind: string, name: string, payload: unknown): void {
    if (!this.#contract) return
    const { events } = this.#part('rooms', kind, 'room') as unknown as { events: { toServer: Events } }
    check(name, eventOf(events.toServer, name), payload)
  }

  #part(section: 'procedures' | 'streams' | 'rooms', name: string, what: string): Readonly<Record<string, Schema>> {
    return part(this.#contractOf(name)[section], name, what)
  }

  /** The contract that a name is of: names of a namespace begin with its path. */
  #contractOf(name: string): AnyContract {
    const path = name.split('/').slice(0, -1)
    return path.reduce(({ namespaces }, inner) => {
      if (Object.hasOwn(namespaces, inner)) return namespaces[inner]!
      throw new TypewireError('NOT_FOUND', `${name}: the contract has no namespace ${inner}.`, { origin: name })
    }, this.#contract!)
  }
}

function eventOf(events: Events, name: string): Schema | undefined {
  return part(events, name, 'event')['payload']
}

function part(section: object, name: string, what: string): Readonly<Record<string, Schema>> {
  const local = name.slice(name.lastIndexOf('/') + 1)
  if (Object.hasOwn(section, local)) return (section as Record<string, Readonly<Record<string, Schema>>>)[local]!
  throw new TypewireError('NOT_FOUND', `${name}: the contract has no ${what} of that name.`, { origin: name })
}

function check(origin: string, schema: Schema | undefined, value: unknown): void {
  if (!schema || isUpload(schema)) return
  const validated = validate(schema, value)
  if (isPromiseLike(validated)) {
    validated.then(undefined, () => {}) // a schema that needs time is the server's to run
    return
  }
  const { issues } = validated
  if (issues) throw new TypewireError('INVALID_INPUT', `${origin}: ${describeIssues(issues)}`, { origin, issues })
}
