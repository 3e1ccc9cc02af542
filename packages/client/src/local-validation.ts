import { type AnyContract, type Events, type Schema, TypewireError } from '@typewire/core'
import { describeIssues, isPromiseLike, validate } from '@typewire/core/internal'

/**
 * Checks what is given against the contract before it is sent, where the client was given the contract. The result of
 * the schema is thrown away and what was given is sent: the server parses it, and transforms must not run twice.
 */
export class LocalValidation {
  readonly #contract: AnyContract | undefined

  constructor(contract: AnyContract | undefined) {
    this.#contract = contract
  }

  /** @throws TypewireError `INVALID_INPUT`, or `NOT_FOUND` for a name that the contract does not have. */
  call(name: string, input: unknown): void {
    if (!this.#contract) return
    check(name, part(this.#contract.procedures, name, 'procedure')['input'], input)
  }

  /** @throws as `call`. */
  event(name: string, payload: unknown): void {
    if (this.#contract) check(name, eventOf(this.#contract.events.toServer, name), payload)
  }

  /** @throws as `call`. */
  join(kind: string, params: unknown): void {
    if (this.#contract) check(kind, part(this.#contract.rooms, kind, 'room')['params'], params)
  }

  /** @throws as `call`. */
  presence(kind: string, data: unknown): void {
    if (this.#contract) check(`${kind}.presence`, part(this.#contract.rooms, kind, 'room')['presence'], data)
  }

  /** @throws as `call`. */
  roomEvent(kind: string, name: string, payload: unknown): void {
    if (!this.#contract) return
    const { events } = part(this.#contract.rooms, kind, 'room') as unknown as { events: { toServer: Events } }
    check(name, eventOf(events.toServer, name), payload)
  }
}

function eventOf(events: Events, name: string): Schema | undefined {
  return part(events, name, 'event')['payload']
}

function part(section: object, name: string, what: string): Readonly<Record<string, Schema>> {
  if (Object.hasOwn(section, name)) return (section as Record<string, Readonly<Record<string, Schema>>>)[name]!
  throw new TypewireError('NOT_FOUND', `${name}: the contract has no ${what} of that name.`, { origin: name })
}

function check(origin: string, schema: Schema | undefined, value: unknown): void {
  if (!schema) return
  const validated = validate(schema, value)
  if (isPromiseLike(validated)) {
    validated.then(undefined, () => {}) // a schema that needs time is the server's to run
    return
  }
  const { issues } = validated
  if (issues) throw new TypewireError('INVALID_INPUT', `${origin}: ${describeIssues(issues)}`, { origin, issues })
}
