import { oneLine } from '../generator.ts'

/** Names in one scope of Python code: each is given once, and the same ones in the same order. */
export class Names {
  readonly #taken: Set<string>

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken)
  }

  /** The name, or with a number behind it where it is taken. */
  take(name: string): string {
    let free = name
    for (let count = 2; this.#taken.has(free); count++) free = `${name}${/\d$/.test(name) ? '_' : ''}${count}`
    this.#taken.add(free)
    return free
  }

  /**
   * Names for all of these, by what they are called in the contract. Those that are as they should be have theirs first: one that
   * comes to them later does not take the name of another.
   */
  takeAll(names: Iterable<string>, convert: (name: string) => string): ReadonlyMap<string, string> {
    const all = [...names].sort()
    const isPlain = (name: string) => convert(name) === name
    const inOrder = [...all.filter(isPlain), ...all.filter((name) => !isPlain(name))]
    return new Map(inOrder.map((name) => [name, this.take(convert(name))]))
  }
}

export const keywords: ReadonlySet<string> = new Set(
  (
    'False None True and as assert async await break class continue def del elif else except finally for from global if import in ' +
    'is lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
)

/** What generated code refers to in annotations: no method and no member of a class may hide it. */
export const usedTypes: ReadonlySet<string> = new Set(
  (
    'Any AsyncIterable Awaitable Callable Dict Iterable List Literal NotRequired Set Tuple TypeAlias TypedDict Union bool bytes ' +
    'datetime float int object str super tw self annotations'
  ).split(' '),
)

/** `openRoom` → `open_room`; what Python keeps for itself has a `_` behind it. */
export function snakeCase(name: string): string {
  const snake = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
  return keywords.has(snake) || usedTypes.has(snake) ? `${snake}_` : snake
}

/** `openRoom`, `open_room`, `NO_SUCH_ROOM` → `OpenRoom`, `OpenRoom`, `NoSuchRoom`. */
export function pascalCase(name: string): string {
  return name
    .normalize('NFKC') // as Python reads names
    .split(/[^\p{L}\p{Nd}]+/u)
    .filter((part) => part !== '')
    .map((part) => (/^[A-Z\d]+$/.test(part) ? part.charAt(0) + part.slice(1).toLowerCase() : part))
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')
}

/** The same, of any text: never empty, and no digit begins it. */
export const className = (name: string, otherwise: string) => pascalCase(name).replace(/^(?=\p{Nd})/u, 'T') || otherwise

export const isIdentifier = (name: string) => /^[A-Za-z_][A-Za-z\d_]*$/.test(name) && !keywords.has(name)

/** Whether `import` can say it. */
export const isImportable = (name: string) => /^[\p{L}_][\p{L}\p{Nd}_]*$/u.test(name) && !keywords.has(name)

/** A string of Python's. */
export const text = (value: string) =>
  JSON.stringify(value).replaceAll(/[^ -~]/gu, (sign) => {
    const hex = sign.codePointAt(0)!.toString(16)
    return hex.length > 4 ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
  })

/** Lines of prose. Each can stand in a comment: nothing in it begins another. */
export const linesOf = (prose: string) => prose.split(/\r\n?|[\n\u2028\u2029]/).map(oneLine)

/** Lines of a docstring, within `indent`. Nothing in it can end it. */
export function docstring(lines: readonly string[], indent: string): string[] {
  const safe = lines.flatMap(linesOf).map((line) => line.replaceAll('\\', '\\\\').replaceAll('"""', "'''").trimEnd())
  while (safe.length > 0 && safe.at(-1) === '') safe.pop()
  if (safe.length === 0) return []
  if (safe.length === 1) return [`${indent}"""${safe[0]!.replace(/"$/, '\\"')}"""`]
  return [`${indent}"""${safe[0]}`, ...safe.slice(1).map((line) => (line === '' ? '' : indent + line)), `${indent}"""`]
}
