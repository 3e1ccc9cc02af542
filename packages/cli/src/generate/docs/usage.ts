import type {
  EventSnapshot,
  JsonSchema,
  ProcedureSnapshot,
  RoomSnapshot,
  StreamSnapshot,
} from '@typewire/core/snapshot'
import { codeOf, wireOf } from './example-text.ts'
import { type Example, exampleOf } from './example.ts'
import { isUndefined, type Schemas } from './schemas.ts'

/** How something is used, and what travels then: each line a message, `→` from the client. */
export interface Usage {
  readonly code: string
  readonly wire: readonly string[]
}

/** Where one is: `client.ns.admin` in code, `admin/` on the wire. */
export interface Scope {
  readonly client: string
  readonly path: string
  /** What the whole asks for, which comes before what a namespace does. */
  readonly rootAuth?: JsonSchema | undefined
}

export function callUsage(call: ProcedureSnapshot, name: string, scope: Scope, schemas: Schemas): Usage {
  const { upload, errors = {} } = call
  const asked = inputOf(call, schemas)
  const out = example(call.output, schemas)
  const [firstError] = Object.entries(errors)
  const answer = out === undefined ? '' : 'const result = '
  return {
    code: `${answer}await ${scope.client}.call.${name}(${asked.code})`,
    wire: [
      frame('→', [17, 1, scope.path + name, upload ? { upload: true } : 0], asked.sent),
      ...uploadFrames(upload?.items, schemas),
      frame('←', [18, 1], out),
      ...(firstError ? [errorFrame(firstError[0], firstError[1], name, scope, schemas)] : []),
    ],
  }
}

export function streamUsage(stream: StreamSnapshot, name: string, scope: Scope, schemas: Schemas): Usage {
  const { upload, items, keyed } = stream
  const asked = inputOf(stream, schemas)
  const options = { credit: 16, ...(upload && { upload: true }) }
  return {
    code: `for await (const item of ${scope.client}.stream.${name}(${asked.code})) {\n  console.log(item)\n}`,
    wire: [
      frame('→', [17, 1, scope.path + name, options], asked.sent),
      ...uploadFrames(upload?.items, schemas),
      frame('←', [20, 1, keyed ? { key: '1' } : 0], example(items, schemas)),
      frame('←', [18, 1], undefined),
    ],
  }
}

/** @param room the number of the room that it is of */
export function eventUsage(
  event: EventSnapshot,
  direction: 'toServer' | 'toClient',
  named: { readonly name: string; readonly owner: string; readonly path: string; readonly room?: number },
  schemas: Schemas,
): Usage {
  const { name, owner, path, room } = named
  const payload = example(event.payload, schemas)
  const ack = example(event.ack, schemas)
  const given = payload === undefined ? '' : codeOf(payload)
  const wireName = room === undefined ? path + name : name
  const id = event.ack === undefined ? 0 : 1
  const head =
    event.delivery === 'volatile'
      ? [8, room ?? 0, wireName, 0]
      : room === undefined
        ? [24, id, wireName, 0]
        : [25, id, room, wireName, 0]
  const [there, back] = direction === 'toServer' ? (['→', '←'] as const) : (['←', '→'] as const)
  const wire = [frame(there, head, payload), ...(event.ack === undefined ? [] : [frame(back, [18, 1], ack)])]
  if (direction === 'toServer') {
    const emit =
      ack === undefined ? `${owner}.emit.${name}(${given})` : `const ack = await ${owner}.emitWithAck.${name}(${given})`
    return { code: emit, wire }
  }
  const heard = payload === undefined ? '' : 'payload'
  const show = payload === undefined ? `console.log('${name}')` : 'console.log(payload)'
  if (ack === undefined) return { code: `${owner}.on.${name}((${heard}) => ${show})`, wire }
  return { code: `${owner}.on.${name}((${heard}) => {\n  ${show}\n  return ${codeOf(ack, '  ')} // the ack\n})`, wire }
}

export function joinUsage(room: RoomSnapshot, name: string, scope: Scope, schemas: Schemas): Usage {
  const params = example(room.params, schemas)
  const given = example(room.presence?.given, schemas)
  const options = given && `{ presence: ${codeOf(given)} }`
  const args = [params && codeOf(params), options && (params ? options : `undefined, ${options}`)]
    .filter(Boolean)
    .join(', ')
  const input: Example = {
    kind: 'object',
    members: [
      ['kind', { kind: 'leaf', code: '', json: scope.path + name }],
      ...(params ? [['params', params] as const] : []),
      ...(given ? [['presence', given] as const] : []),
    ],
  }
  const seen = example(room.presence?.seen, schemas)
  const entries = seen && wireOf(seen).payload
  return {
    code: [
      `const room = ${scope.client}.join.${name}(${args})`,
      'await room.ready',
      ...(seen ? ['room.presence.subscribe(() => console.log(room.presence.current.members))'] : []),
    ].join('\n'),
    wire: [
      frame('→', [17, 1, '$join', 0], input),
      '← [18,1,{"room":1}]',
      ...(entries === undefined ? [] : [`← [27,1,{"entries":[["session-1","ada",${entries}]]}]`]),
    ],
  }
}

/** How credentials are given: to the whole, or to a namespace. */
export function authUsage(auth: JsonSchema, scope: Scope, schemas: Schemas): Usage {
  const given = exampleOf(auth, schemas)
  const namespace = scope.path.slice(0, -1)
  if (namespace === '')
    return {
      code: `const client = createClient<App>({\n  url: 'https://example.com',\n  auth: ${codeOf(given, '  ')},\n})`,
      wire: [
        `→ [0,{"versions":[1,1],"attempt":1,"instance":"kx3p0q","window":4194304,"auth":${wireOf(given).payload}}]`,
      ],
    }
  const root = scope.rootAuth === undefined ? '' : `  auth: ${codeOf(exampleOf(scope.rootAuth, schemas), '  ')},\n`
  const key = /^\w+$/.test(namespace) ? namespace : `'${namespace}'`
  const input = `{"namespace":"${namespace}","auth":${wireOf(given).payload}}`
  return {
    code: `const client = createClient<App>({\n  url: 'https://example.com',\n${root}  namespaces: { ${key}: { auth: ${codeOf(given, '  ')} } },\n})`,
    wire: [`→ [17,1,"$open",0,${input}]`, '← [18,1,{}]'],
  }
}

interface Asked {
  readonly code: string
  /** What travels at once: of an upload what comes before the items. */
  readonly sent: Example | undefined
}

function inputOf(call: Pick<ProcedureSnapshot, 'input' | 'upload'>, schemas: Schemas): Asked {
  const { input, upload } = call
  if (!upload) {
    const sent = example(input, schemas)
    return { code: sent ? codeOf(sent) : '', sent }
  }
  const items: Example = { kind: 'list', items: [exampleOf(upload.items, schemas)] }
  const head = example(upload.head, schemas)
  if (head?.kind !== 'object') return { code: codeOf(items), sent: head }
  return { code: codeOf({ kind: 'object', members: [...head.members, ['items', items]] }), sent: head }
}

function uploadFrames(items: JsonSchema | undefined, schemas: Schemas): readonly string[] {
  if (items === undefined) return []
  return ['← [22,1,16,0,262144]', frame('→', [20, 1, 0], exampleOf(items, schemas)), '→ [21,1]']
}

function errorFrame(code: string, data: JsonSchema | null, name: string, scope: Scope, schemas: Schemas): string {
  const carried = data === null ? undefined : example(data, schemas)
  return `or, failed:\n${frame('←', [19, 1, code, `${scope.path}${name} answered ${code}.`, 0], carried)}`
}

/** The payload is the last element, and behind it what JSON does not say of it (PL-1, PL-2). */
function frame(direction: '→' | '←', head: readonly unknown[], payload: Example | undefined): string {
  const elements = head.map((element) => JSON.stringify(element))
  if (payload !== undefined) {
    const { payload: json, annotations } = wireOf(payload)
    elements.push(json, ...(annotations === undefined ? [] : [annotations]))
  }
  return `${direction} [${elements.join(',')}]`
}

/** `undefined` is what nothing is written for (PL-1). */
const example = (schema: JsonSchema | undefined, schemas: Schemas) =>
  schema === undefined || isUndefined(schema) ? undefined : exampleOf(schema, schemas)
