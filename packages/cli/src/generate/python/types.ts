import { type JsonSchema, type JsonSchemaObject, keywords } from '@typewire/core/snapshot'
import { type Forms, literal, membersOf, mergeAll, nameOf } from './forms.ts'
import { className, docstring, isIdentifier, linesOf, type Names, pascalCase, text, usedTypes } from './names.ts'

/** Says payloads as types of Python, and gathers the declarations that they need. */
export class Types {
  readonly #definitions: Readonly<Record<string, JsonSchema>>
  readonly #forms: Forms
  readonly #names: Names
  readonly #nameOfDefinition: ReadonlyMap<string, string>
  readonly #blocks: string[][] = []

  constructor(definitions: Readonly<Record<string, JsonSchema>>, forms: Forms, names: Names) {
    this.#definitions = definitions
    this.#forms = forms
    this.#names = names
    this.#nameOfDefinition = names.takeAll(Object.keys(definitions), (name) => className(name, 'Type'))
    for (const [name, as] of this.#nameOfDefinition) this.#declare(definitions[name]!, as)
  }

  /** Declarations, each with its lines. */
  get blocks(): readonly (readonly string[])[] {
    return this.#blocks
  }

  /** The type, as code of Python. `place` names what has no name of its own. */
  of(schema: JsonSchema | undefined, place: string): string {
    if (schema === undefined || typeof schema === 'boolean') return 'Any'
    if (typeof schema['$ref'] === 'string') return this.#nameOfDefinition.get(nameOf(schema['$ref'])) ?? 'Any'
    const type = schema[keywords.type]
    if (typeof type === 'string') return this.#rich(type, schema, place)
    if ('const' in schema) return literalType([schema['const']])
    if (Array.isArray(schema['enum'])) return literalType(schema['enum'])
    const members = membersOf(schema)
    if (members) {
      const count = members.filter((member) => isObject(member)).length
      return union(members.map((member, at) => this.of(member, count > 1 ? place + this.#tagOf(member, at) : place)))
    }
    if (Array.isArray(schema['allOf']))
      return this.of(mergeAll(schema['allOf'] as JsonSchema[], this.#definitions), place)
    switch (schema['type']) {
      case 'string':
        return 'str'
      case 'integer':
        return 'int'
      case 'number':
        return 'float'
      case 'boolean':
        return 'bool'
      case 'null':
        return 'None'
      case 'array':
        return this.#array(schema, place)
      case 'object':
        return this.#object(schema, place)
      default:
        if (schema['properties']) return this.#object(schema, place)
        return Array.isArray(schema['prefixItems']) ? this.#array(schema, place) : 'Any'
    }
  }

  #rich(type: string, schema: JsonSchemaObject, place: string): string {
    if (type === 'set') {
      const items = (schema['items'] ?? true) as JsonSchema
      return `${this.#forms.isHashable(items) ? 'Set' : 'List'}[${this.of(items, `${place}Item`)}]`
    }
    if (type === 'map') {
      const [key = true, value = true] = ((schema['items'] as JsonSchemaObject | undefined)?.['prefixItems'] ??
        []) as JsonSchema[]
      const types = `${this.of(key, `${place}Key`)}, ${this.of(value, `${place}Value`)}`
      return this.#forms.isHashable(key) ? `Dict[${types}]` : `List[Tuple[${types}]]`
    }
    const { const: only } = schema
    if (type === 'bigint') return typeof only === 'string' && /^-?\d+$/.test(only) ? `Literal[${only}]` : 'int'
    const types: Record<string, string> = {
      undefined: 'None',
      Date: 'datetime',
      number: 'float',
      URL: 'str',
      regexp: 'str',
      Error: 'tw.ErrorValue',
      Blob: 'tw.Blob',
      File: 'tw.File',
      bytes: 'bytes',
      buffer: 'bytes',
      Float32Array: 'List[float]',
      Float64Array: 'List[float]',
    }
    return types[type] ?? (type.endsWith('Array') ? 'List[int]' : 'Any')
  }

  #array(schema: JsonSchemaObject, place: string): string {
    const { prefixItems, items, minItems } = schema
    if (!Array.isArray(prefixItems)) return `List[${this.of(items as JsonSchema | undefined, `${place}Item`)}]`
    const types = prefixItems.map((item, at) => this.of(item as JsonSchema, `${place}Item${at + 1}`))
    const isFixed =
      (items === undefined || items === false) && !(typeof minItems === 'number' && minItems < types.length)
    if (isFixed) return types.length === 0 ? 'Tuple[()]' : `Tuple[${types.join(', ')}]`
    const rest = items === undefined || items === false ? [] : [this.of(items as JsonSchema, `${place}Rest`)]
    return `Tuple[${union([...types, ...rest])}, ...]`
  }

  #object(schema: JsonSchemaObject, place: string): string {
    if (hasMembers(schema)) {
      const name = this.#names.take(place)
      this.#declare(schema, name)
      return name
    }
    const others = schema['additionalProperties'] ?? Object.values(schema['patternProperties'] ?? {})[0]
    const value = this.of(typeof others === 'object' ? others : true, `${place}Value`)
    return `Dict[${this.#keyOf(schema['propertyNames'])}, ${value}]`
  }

  /** Of a record: the names that its members may have, where they are listed. */
  #keyOf(names: unknown): string {
    if (typeof names !== 'object' || names === null) return 'str'
    const { $ref, enum: some, const: only } = names as JsonSchemaObject
    if (typeof $ref === 'string' && isListOfTexts(this.#definitions[nameOf($ref)]))
      return this.#nameOfDefinition.get(nameOf($ref)) ?? 'str'
    const listed = Array.isArray(some) ? (some as unknown[]) : [only]
    return listed.length > 0 && listed.every((name) => typeof name === 'string') ? literalType(listed) : 'str'
  }

  /** A declaration of its own. Where it stands among others says nothing: annotations are read late. */
  #declare(schema: JsonSchema, name: string): void {
    const block: string[] = []
    this.#blocks.push(block)
    if (!hasMembers(schema)) {
      const comments = typeof schema === 'object' ? notesOf(schema) : []
      block.push(...comments.map((line) => `# ${line}`), `${name}: TypeAlias = ${text(this.of(schema, name))}`)
      return
    }
    const required = new Set((schema['required'] ?? []) as string[])
    const members = Object.entries(schema['properties'] as Record<string, JsonSchema>).map(([key, member]) => {
      const type = this.of(member, name + pascalCase(key))
      return { key, type: required.has(key) ? type : `NotRequired[${type}]`, notes: notesOf(member) }
    })
    if (members.every(({ key }) => isIdentifier(key) && !key.startsWith('__') && !usedTypes.has(key))) {
      block.push(`class ${name}(TypedDict):`, ...docstring(notesOf(schema), '    '))
      for (const { key, type, notes } of members)
        block.push(...notes.map((line) => `    # ${line}`), `    ${key}: ${type}`)
      return
    }
    // Of names that are none in Python.
    block.push(...notesOf(schema).map((line) => `# ${line}`), `${name} = TypedDict(`, `    ${text(name)},`, '    {')
    for (const { key, type, notes } of members)
      block.push(...notes.map((line) => `        # ${line}`), `        ${text(key)}: ${text(type)},`)
    block.push('    },', ')')
  }

  /** What tells one member of a union from the others: a constant of it, or its place. */
  #tagOf(member: JsonSchema, at: number): string {
    const properties = typeof member === 'object' ? ((member['properties'] ?? {}) as Record<string, JsonSchema>) : {}
    for (const property of Object.values(properties)) {
      if (typeof property === 'object' && typeof property['const'] === 'string') return pascalCase(property['const'])
    }
    return String(at + 1)
  }
}

const isListOfTexts = (schema: JsonSchema | undefined) =>
  typeof schema === 'object' &&
  Array.isArray(schema['enum']) &&
  schema['enum'].every((item) => typeof item === 'string') &&
  schema[keywords.type] === undefined

const isObject = (schema: JsonSchema) => typeof schema === 'object' && hasMembers(schema)

function hasMembers(schema: JsonSchema): schema is JsonSchemaObject {
  if (typeof schema !== 'object' || schema[keywords.type] !== undefined || typeof schema['properties'] !== 'object')
    return false
  const others = schema['additionalProperties']
  const isOpen = typeof others === 'object' && others !== null && Object.keys(others).length > 0
  return !isOpen && Object.keys(schema['properties'] as object).length > 0
}

function literalType(values: readonly unknown[]): string {
  const types = values.map((value) => {
    if (value === null) return 'None'
    if (typeof value === 'number' && !Number.isInteger(value)) return 'float'
    return typeof value === 'object' ? 'Any' : `Literal[${literal(value)}]`
  })
  const literals = types.filter((type) => type.startsWith('Literal['))
  const joined = literals.length > 0 ? [`Literal[${literals.map((type) => type.slice(8, -1)).join(', ')}]`] : []
  return union([...joined, ...types.filter((type) => !type.startsWith('Literal['))])
}

function union(types: readonly string[]): string {
  const unique = [...new Set(types)]
  if (unique.includes('Any')) return 'Any'
  const last = unique.includes('None') ? ['None'] : []
  const rest = unique.filter((type) => type !== 'None')
  return rest.length + last.length === 1 ? [...rest, ...last][0]! : `Union[${[...rest, ...last].join(', ')}]`
}

const bounds: readonly (readonly [string, string])[] = [
  ['format', 'Format:'],
  ['pattern', 'Pattern:'],
  ['minLength', 'At least so long:'],
  ['maxLength', 'At most so long:'],
  ['minimum', 'At least'],
  ['maximum', 'At most'],
  ['exclusiveMinimum', 'Above'],
  ['exclusiveMaximum', 'Below'],
  ['multipleOf', 'A multiple of'],
  ['minItems', 'At least so many:'],
  ['maxItems', 'At most so many:'],
]

/** What is said of a payload beyond its type, for people. */
function notesOf(schema: JsonSchema): string[] {
  if (typeof schema !== 'object') return []
  const notes = typeof schema['description'] === 'string' ? linesOf(schema['description']) : []
  if (schema['deprecated'] === true) notes.push('Deprecated.')
  if (schema[keywords.type] !== undefined) return notes
  const said = bounds
    .filter(([keyword]) => ['string', 'number'].includes(typeof schema[keyword]))
    .filter(([keyword]) => !(Math.abs(Number(schema[keyword])) === Number.MAX_SAFE_INTEGER))
    .filter(([keyword]) => !(keyword === 'pattern' && schema['format'] !== undefined))
    .map(([keyword, words]) => `${words} ${String(schema[keyword])}.`)
  return said.length > 0 ? [...notes, said.join(' ').replaceAll(/[^ -~]/g, '?')] : notes
}
