import type { JsonSchema, JsonSchemaObject } from '@typewire/core/snapshot'
import { CliError } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import { fits, pairsOf } from './fits.ts'
import { leafForms } from './rich-forms.ts'
import { type Definitions, itemSchema, listOf, memberSchema, recordOf, resolved, richTypeOf } from './schema-walk.ts'

/**
 * Makes of JSON what a schema means by it: Dates of ISO strings, bigints of digits, sets and maps of arrays, bytes of base64. In
 * a union it is the first branch that fits. What the schema says nothing of stays as it is; whether it is valid is the
 * server's to say.
 * @param where what it is, for errors: `input`.
 * @throws CliError for what cannot be read as the type that it must have.
 */
export function richValue(json: unknown, schema: JsonSchema, definitions: Definitions, where: string): unknown {
  return new Reader(definitions).read(json, schema, where)
}

class Reader {
  readonly #definitions: Definitions

  constructor(definitions: Definitions) {
    this.#definitions = definitions
  }

  read(json: unknown, schema: JsonSchema, where: string): unknown {
    const at = resolved(schema, this.#definitions)
    let value = json
    for (const part of listOf(at['allOf'])) value = this.read(value, part, where)
    for (const union of [at['anyOf'], at['oneOf']]) {
      if (!Array.isArray(union)) continue
      const branch = listOf(union).find((one) => fits(json, one, this.#definitions))
      if (branch !== undefined) value = this.read(value, branch, where)
    }
    if (wasRead(value)) return value // by another part of an allOf, or by a branch
    const type = richTypeOf(at)
    if (type === 'set') return new Set(this.#readItems(this.#list(value, type, where), at, where))
    if (type === 'map') return this.#readMap(value, at, where)
    if (type !== undefined) return readLeaf(value, type, where)
    if (Array.isArray(value)) return this.#readItems(value, at, where)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        this.read(member, memberSchema(at, name), `${where}.${name}`),
      ]),
    )
  }

  #readItems(items: readonly unknown[], schema: JsonSchemaObject, where: string): unknown[] {
    return items.map((item, index) => this.read(item, itemSchema(schema, index), `${where}[${index}]`))
  }

  #readMap(json: unknown, schema: JsonSchemaObject, where: string): Map<unknown, unknown> {
    const pairs = pairsOf(json)
    if (!pairs) throw wrong(json, 'map', where, 'as [["key", "value"], …], or as an object')
    const [key = true, value = true] = listOf(recordOf(itemSchema(schema, 0))['prefixItems'])
    return new Map(
      pairs.map((pair, index): [unknown, unknown] => {
        const place = `${where}[${index}]`
        if (!Array.isArray(pair) || pair.length !== 2) throw wrong(pair, 'pair', place, 'as ["key", "value"]')
        return [this.read(pair[0], key, `${place}[0]`), this.read(pair[1], value, `${place}[1]`)]
      }),
    )
  }

  #list(json: unknown, type: string, where: string): readonly unknown[] {
    if (Array.isArray(json)) return json
    throw wrong(json, type, where, 'as an array')
  }
}

function readLeaf(json: unknown, type: string, where: string): unknown {
  const form = leafForms[type]
  if (!form) throw wrong(json, type, where, 'not at all: this version of typewire does not know it')
  const read = form.read(json)
  if (!read) throw wrong(json, type, where, form.advice)
  return read.value
}

function wrong(json: unknown, type: string, where: string, advice: string): CliError {
  const text = JSON.stringify(json) ?? 'nothing'
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text
  return new CliError(`${where}: ${shown} is no ${type}. Write it ${advice}.`, exitCodes.usage)
}

/** What JSON does not make. */
function wasRead(value: unknown): boolean {
  if (typeof value !== 'object') return value === undefined || typeof value === 'bigint'
  return value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype
}
