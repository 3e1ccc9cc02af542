import { type JsonSchema, type JsonSchemaObject, keywords } from '@typewire/core/snapshot'
import { type Html, html, join, nothing, withCode } from './html.ts'
import {
  isNull,
  isObject,
  isRequired,
  isSchema,
  objectOf,
  propertiesOf,
  richTypeOf,
  type Schemas,
  schemasOf,
  unionOf,
} from './schemas.ts'
import { typeName } from './type-name.ts'

/** How deep objects within objects are unfolded. What has a name is not: a link leads there. */
const maxDepth = 4

/** What travels in a place: its type, and a table of its members. @param isNamed the table is of what the name stands for */
export function typeTable(schema: JsonSchema, schemas: Schemas, isNamed = false): Html {
  const root = isNamed ? objectOf(schema) : schemas.resolve(schema)
  const rows = membersOf(root, schemas, 0)
  const told = [optionalOf(schema), ...boundsOf(root)]
  const name = schemas.nameOf(schema)
  const description = name === undefined || isNamed ? textOf(root) : nothing
  const line =
    rows.length > 0 && isPlainObject(root) && (name === undefined || isNamed) && told.every((part) => part === nothing)
      ? description.text === ''
        ? nothing
        : html`<p>${description}</p>`
      : html`<p class="type"><code>${typeName(schema, schemas)}</code> ${notes(told)} ${description}</p>`
  if (rows.length === 0) return line
  return html`${line}
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Type</th>
          <th scope="col">About</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`
}

/** Rows of what is in it, as far as it has names. */
function membersOf(schema: JsonSchemaObject, schemas: Schemas, depth: number): readonly Html[] {
  if (depth >= maxDepth || richTypeOf(schema) === 'Error') return []
  const all = schemasOf(schema['allOf']).flatMap((part) => membersOf(inlineOf(part, schemas, depth), schemas, depth))
  const own = propertiesOf(schema).flatMap(([name, member]) => [
    row(html`${name}`, member, schemas, depth, isRequired(schema, name)),
    ...membersOf(objectOf(member), schemas, depth + 1),
  ])
  const { additionalProperties: others } = schema
  const isRecord = isObject(others) && Object.keys(others).length > 0
  const rest =
    isRecord && own.length > 0
      ? [row(html`<i>any other</i>`, others, schemas, depth), ...membersOf(others, schemas, depth + 1)]
      : isRecord
        ? membersOf(others, schemas, depth)
        : []
  return [...own, ...rest, ...all, ...itemsOf(schema, schemas, depth), ...variantsOf(schema, schemas, depth)]
}

/** At the top parts of an intersection are unfolded although they have names: the whole is what is asked for. */
function inlineOf(schema: JsonSchema, schemas: Schemas, depth: number): JsonSchemaObject {
  return depth === 0 ? schemas.resolve(schema) : objectOf(schema)
}

function itemsOf(schema: JsonSchemaObject, schemas: Schemas, depth: number): readonly Html[] {
  const inner = Array.isArray(schema['prefixItems']) ? schemasOf(schema['prefixItems']) : []
  const items = isSchema(schema['items']) ? [schema['items']] : []
  return [...inner, ...items].flatMap((item) => membersOf(objectOf(item), schemas, depth))
}

/** Of a union each kind of object by itself, under what tells it from the others. */
function variantsOf(schema: JsonSchemaObject, schemas: Schemas, depth: number): readonly Html[] {
  const variants = (unionOf(schema) ?? []).filter((variant) => !isNull(variant)).map(objectOf)
  const [first, second] = variants
  if (first !== undefined && second === undefined) return membersOf(first, schemas, depth)
  return variants.flatMap((variant) => {
    const rows = membersOf(variant, schemas, depth)
    if (rows.length === 0) return []
    return [
      html`<tr class="variant">
        <td colspan="3" ${indent(depth)}>either <code>${typeName(variant, schemas)}</code></td>
      </tr>`,
      ...rows,
    ]
  })
}

function row(name: Html, schema: JsonSchema, schemas: Schemas, depth: number, required?: boolean): Html {
  const object = objectOf(schema)
  const isGone = object['deprecated'] === true || typeof object['deprecated'] === 'string'
  const need = required === undefined ? nothing : html`<small>${required ? 'required' : 'optional'}</small>`
  const told = notes(boundsOf(object))
  const about = join(
    [told, textOf(object)].filter((part) => part.text !== ''),
    ' ',
  )
  return html`<tr><td${indent(depth)}><code>${name}</code>${isGone && html` <span class="badge old">deprecated</span>`}${need}</td><td><code>${typeName(schema, schemas)}</code></td><td>${about}</td></tr>
`
}

const indent = (depth: number) => (depth === 0 ? nothing : html` class="in${depth}"`)

const isPlainObject = (schema: JsonSchemaObject) => schema['type'] === 'object' && propertiesOf(schema).length > 0

const textOf = (schema: JsonSchemaObject) =>
  typeof schema['description'] === 'string' ? withCode(schema['description']) : nothing

const optionalOf = (schema: JsonSchema) =>
  isObject(schema) && schema[keywords.optional] === true ? html`may be left out` : nothing

const notes = (parts: readonly Html[]): Html => {
  const said = parts.filter((part) => part.text !== '')
  return said.length === 0 ? nothing : html`<span class="bounds">${join(said, ' · ')}</span>`
}

/** Bounds, format and default, in words. Of a list those of its items, too. */
export function boundsOf(schema: JsonSchemaObject): readonly Html[] {
  const told: Html[] = []
  const rich = richTypeOf(schema)
  // What is said of the form is not said of the value: bytes are written as an index.
  if (rich !== undefined && !hasBounds.has(rich)) return told
  const say = (text: Html) => void told.push(text)
  const { format, pattern, multipleOf, contentEncoding, items } = schema
  if (typeof format === 'string' && rich === undefined) say(html`${format}`)
  say(rangeOf(schema['minLength'], schema['maxLength'], 'character'))
  say(rangeOf(schema['minItems'], schema['maxItems'], 'item', Array.isArray(schema['prefixItems'])))
  say(rangeOf(schema['minProperties'], schema['maxProperties'], 'member'))
  const least = bound(
    '≥',
    '>',
    schema['minimum'] ?? schema[keywords.minimum],
    schema['exclusiveMinimum'] ?? schema[keywords.exclusiveMinimum],
  )
  const most = bound(
    '≤',
    '<',
    schema['maximum'] ?? schema[keywords.maximum],
    schema['exclusiveMaximum'] ?? schema[keywords.exclusiveMaximum],
  )
  say(
    join(
      [least, most].filter((part) => part.text !== ''),
      ', ',
    ),
  )
  if (typeof multipleOf === 'number') say(html`multiple of ${multipleOf}`)
  if (typeof pattern === 'string' && format === undefined && rich === undefined)
    say(html`matches <code>${pattern}</code>`)
  if (typeof contentEncoding === 'string') say(html`${contentEncoding}`)
  if (schema['uniqueItems'] === true && rich !== 'set') say(html`no two equal`)
  if ('default' in schema) say(html`default <code>${JSON.stringify(schema['default'])}</code>`)
  if (isObject(items) && items['$ref'] === undefined && rich !== 'map') {
    const inner = boundsOf(items).filter((part) => part.text !== '')
    if (inner.length > 0) say(html`each ${join(inner, ', ')}`)
  }
  const variants = (unionOf(schema) ?? []).filter((variant) => !isNull(variant)).map(objectOf)
  if (variants.length === 1) told.push(...boundsOf(variants[0]!))
  return told.filter((part) => part.text !== '')
}

const hasBounds = new Set(['Date', 'bigint', 'set', 'map'])

function rangeOf(least: unknown, most: unknown, unit: string, isTold = false): Html {
  if (isTold || (least === undefined && most === undefined)) return nothing
  const number = (count: unknown) => (typeof count === 'number' ? count.toLocaleString('en') : String(count))
  const last = most ?? least
  const units = last === 1 ? unit : `${unit}s`
  if (least === most) return html`${number(least)} ${units}`
  if (most === undefined) return html`${number(least)} ${units} or more`
  if (least === undefined) return html`up to ${number(most)} ${units}`
  return html`${number(least)} to ${number(most)} ${units}`
}

function bound(sign: string, exclusiveSign: string, inclusive: unknown, exclusive: unknown): Html {
  // What every safe integer is within says nothing.
  const isSaid = (value: unknown) => value !== undefined && Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER
  if (isSaid(exclusive)) return html`${exclusiveSign} ${String(exclusive)}`
  return isSaid(inclusive) ? html`${sign} ${String(inclusive)}` : nothing
}
