import { type Example, quoted } from './example.ts'

/** An example as it is written in TypeScript, by lines of a width that people like. */
export function codeOf(example: Example, indent = ''): string {
  const flat = flatCode(example)
  if (flat.length + indent.length <= maxWidth || example.kind === 'leaf') return flat
  const inner = `${indent}  `
  if (example.kind === 'object') {
    const lines = example.members.map(([name, value]) => `${inner}${keyOf(name)}: ${codeOf(value, inner)},\n`)
    return `{\n${lines.join('')}${indent}}`
  }
  const list = `[\n${example.items.map((item) => `${inner}${codeOf(item, inner)},\n`).join('')}${indent}]`
  return constructed(list, example.type)
}

function flatCode(example: Example): string {
  if (example.kind === 'leaf') return example.code
  if (example.kind === 'list') return constructed(`[${example.items.map(flatCode).join(', ')}]`, example.type)
  if (example.members.length === 0) return '{}'
  return `{ ${example.members.map(([name, value]) => `${keyOf(name)}: ${flatCode(value)}`).join(', ')} }`
}

function constructed(list: string, type: 'set' | 'map' | undefined): string {
  if (type === undefined) return list
  return `new ${type === 'set' ? 'Set' : 'Map'}(${list})`
}

const keyOf = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name))

const maxWidth = 72

/** What is written for it on the wire: the payload, and behind it the annotations where there are any (PL-2). */
export function wireOf(example: Example): { readonly payload: string; readonly annotations?: string } {
  const parts = { count: 0 }
  const payload = JSON.stringify(jsonOf(example, parts))
  const tree = treeOf(example)
  return tree === undefined ? { payload } : { payload, annotations: JSON.stringify(tree) }
}

/** @param parts those of bytes that stand before it: each has an index of its own (PL-8) */
function jsonOf(example: Example, parts: { count: number }): unknown {
  if (example.kind === 'list') return example.items.map((item) => jsonOf(item, parts))
  if (example.kind === 'object')
    return Object.fromEntries(example.members.map(([name, value]) => [name, jsonOf(value, parts)]))
  if (example.type === undefined || !isOfBytes(example.type)) return example.json
  const index = parts.count++
  return Array.isArray(example.json) ? [index, ...(example.json as unknown[]).slice(1)] : index
}

const isOfBytes = (type: string) => /^(bytes|buffer|Blob|File|.*Array)$/.test(type)

type Tree = readonly unknown[] | Readonly<Record<string, unknown>>

function treeOf(example: Example): Tree | undefined {
  if (example.kind === 'leaf') return example.type === undefined ? undefined : [example.type]
  const inner = childrenOf(example)
  const children = Object.keys(inner).length === 0 ? undefined : inner
  if (example.kind === 'list' && example.type !== undefined)
    return children === undefined ? [example.type] : [example.type, children]
  return children
}

/** By path; through what is ordinary a path goes on. */
function childrenOf(example: Exclude<Example, { kind: 'leaf' }>): Record<string, unknown> {
  const children: Record<string, unknown> = {}
  const entries =
    example.kind === 'list' ? example.items.map((item, at) => [String(at), item] as const) : example.members
  for (const [name, value] of entries) {
    const tree = treeOf(value)
    const key = name.replaceAll(/[\\.]/g, String.raw`\$&`)
    if (tree === undefined) continue
    if (Array.isArray(tree)) children[key] = tree
    else for (const [path, leaf] of Object.entries(tree)) children[`${key}.${path}`] = leaf
  }
  return children
}
