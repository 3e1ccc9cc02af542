import type { JsonSchema, JsonSchemaObject } from '@typewire/core/snapshot'
import { hrefOf, Html, html, join } from './html.ts'
import {
  isObject,
  isRequired,
  isSchema,
  propertiesOf,
  richTypeOf,
  type Schemas,
  schemasOf,
  unionOf,
} from './schemas.ts'

/** A schema as a type, in words of TypeScript, with links to those that have names. */
export function typeName(schema: JsonSchema, schemas: Schemas): Html {
  return new TypeNames(schemas).of(schema)
}

class TypeNames {
  readonly #schemas: Schemas

  constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  of(schema: JsonSchema): Html {
    if (typeof schema === 'boolean') return html`${schema ? 'any' : 'never'}`
    const name = this.#schemas.nameOf(schema)
    if (name !== undefined) return html`<a href="${hrefOf(`types.${name}`)}">${name}</a>`
    const rich = richTypeOf(schema)
    if (rich !== undefined) return this.#rich(rich, schema)
    if ('const' in schema) return literal(schema['const'])
    if (Array.isArray(schema['enum'])) return this.#enumeration(schema['enum'])
    const union = unionOf(schema)
    if (union) return this.#joined(union, ' | ')
    const all = schemasOf(schema['allOf'])
    if (all.length > 0) return this.#joined(all, ' & ')
    if (isObject(schema['not']) && Object.keys(schema['not']).length === 0) return html`never`
    const { type } = schema
    if (Array.isArray(type))
      return this.#joined(
        type.map((one) => ({ ...schema, type: one as unknown })),
        ' | ',
      )
    if (type === 'array') return this.#array(schema)
    if (type === 'object') return this.#object(schema)
    return html`${typeof type === 'string' ? type : 'any'}`
  }

  #rich(type: string, schema: JsonSchemaObject): Html {
    if (type === 'set') return html`Set&lt;${this.#itemOf(schema)}&gt;`
    if (type === 'map') {
      const pair = isObject(schema['items']) ? schemasOf(schema['items']['prefixItems']) : []
      return html`Map&lt;${this.of(pair[0] ?? true)}, ${this.of(pair[1] ?? true)}&gt;`
    }
    if (type === 'bigint' && typeof schema['const'] === 'string') return html`${schema['const']}n`
    return html`${jsNames[type] ?? type}`
  }

  #enumeration(values: readonly unknown[]): Html {
    const shown = values.slice(0, maxShown).map(literal)
    return join([...shown, ...(values.length > maxShown ? [html`… ${values.length - maxShown} more`] : [])], ' | ')
  }

  #joined(schemas: readonly JsonSchema[], sign: string): Html {
    const texts = new Set(schemas.map((schema) => this.#inParentheses(schema, sign).text))
    return new Html([...texts].join(sign))
  }

  #array(schema: JsonSchemaObject): Html {
    if (!Array.isArray(schema['prefixItems'])) return html`${this.#asItem(schema['items'])}[]`
    const items = schemasOf(schema['prefixItems']).map((item) => this.of(item))
    const rest = isObject(schema['items']) ? [html`...${this.#asItem(schema['items'])}[]`] : []
    return html`[${join([...items, ...rest], ', ')}]`
  }

  #object(schema: JsonSchemaObject): Html {
    const properties = propertiesOf(schema)
    const { additionalProperties } = schema
    if (properties.length === 0 && isObject(additionalProperties)) {
      const key = isSchema(schema['propertyNames']) ? this.of(schema['propertyNames']) : html`string`
      return html`Record&lt;${key}, ${this.of(additionalProperties)}&gt;`
    }
    if (properties.length === 0) return html`object`
    const names = properties.slice(0, maxShown).map(([name, of]) => {
      const tag = isObject(of) && 'const' in of ? html`: ${literal(of['const'])}` : ''
      return html`${name}${isRequired(schema, name) ? '' : '?'}${tag}`
    })
    return html`{ ${join([...names, ...(properties.length > maxShown ? ['…'] : [])], ', ')} }`
  }

  #itemOf(schema: JsonSchemaObject): Html {
    return this.of(isSchema(schema['items']) ? schema['items'] : true)
  }

  #asItem(items: unknown): Html {
    return isSchema(items) ? this.#inParentheses(items, '[]') : html`any`
  }

  #inParentheses(schema: JsonSchema, sign: string): Html {
    const type = this.of(schema)
    const isOne = !isObject(schema) || this.#schemas.nameOf(schema) !== undefined
    const isOpen = !isOne && / [|&] /.test(type.text.replaceAll(/\{[^}]*\}|&\w+;|"[^"]*"/g, ''))
    return isOpen && sign !== ' | ' ? html`(${type})` : type
  }
}

const maxShown = 8

const jsNames: Readonly<Record<string, string>> = {
  number: 'NaN',
  bytes: 'Uint8Array',
  buffer: 'ArrayBuffer',
  regexp: 'RegExp',
}

const literal = (value: unknown) => html`${JSON.stringify(value)}`
