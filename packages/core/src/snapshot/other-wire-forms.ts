import { type JsonSchemaObject, keywords } from './types.ts'
import { formOfClass, leafForms } from './wire-forms.ts'

// What the JSON Schema of valibot and of arktype cannot say, by the options that their methods take. What is in a map or a set
// they do not tell.

/** `report` gets why something cannot be said. */
type Options = (report: (why: string) => void) => Readonly<Record<string, unknown>>

interface ValibotContext {
  readonly valibotSchema: { readonly type: string; readonly class?: { readonly name: string } }
}

/** https://github.com/fabian-hiller/valibot/tree/main/packages/to-json-schema: `overrideSchema`. */
const valibot: Options = () => ({
  overrideSchema: ({ valibotSchema: { type, class: made } }: ValibotContext) => {
    const name = valibotTypes[type] ?? (type === 'instance' ? made?.name : undefined)
    return name === undefined ? undefined : formOfClass(name)
  },
})

const valibotTypes: Readonly<Record<string, string>> = {
  date: 'Date',
  bigint: 'bigint',
  undefined: 'undefined',
  void: 'undefined',
  nan: 'NaN',
  file: 'File',
  blob: 'Blob',
}

interface ArkContext {
  readonly base: JsonSchemaObject
  readonly domain?: string
  readonly proto?: { readonly name: string }
  readonly out?: JsonSchemaObject | null
  readonly unit?: unknown
  readonly after?: Date
  readonly before?: Date
}

/** https://arktype.io/docs/configuration#tojsonschema: `fallback`, by the code of what cannot be said. */
const arktype: Options = (report) => {
  const refuse = (why: string) => (report(why), {})
  return {
    fallback: {
      date: ({ after, before }: ArkContext) => ({
        ...leafForms.Date,
        ...(after && { [keywords.minimum]: after.toISOString() }),
        ...(before && { [keywords.maximum]: before.toISOString() }),
      }),
      domain: ({ domain = '' }: ArkContext) => formOfClass(domain) ?? refuse(`a ${domain} cannot travel.`),
      proto: ({ proto, base }: ArkContext) =>
        formOfClass(proto?.name ?? '') ?? (base['type'] ? base : refuse(`a ${proto?.name} cannot travel.`)),
      unit: ({ unit }: ArkContext) =>
        typeof unit === 'bigint'
          ? { ...leafForms.bigint, const: String(unit) }
          : unit === undefined
            ? leafForms.undefined
            : refuse('a symbol cannot travel.'),
      morph: ({ out }: ArkContext) =>
        out ?? refuse('what comes out of a morph nobody can tell. Say it: .to("string").'),
      symbolKey: () => refuse('a symbol cannot travel.'),
    },
  }
}

export const otherVendors: Readonly<Record<string, Options>> = { valibot, arktype }
