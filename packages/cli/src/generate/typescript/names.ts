/** What the generated text says of the language and the platform: a type of such a name would hide it. */
const taken = [
  'Array',
  'ArrayBuffer',
  'BigInt64Array',
  'BigUint64Array',
  'Blob',
  'Date',
  'Error',
  'File',
  'Float32Array',
  'Float64Array',
  'Int16Array',
  'Int32Array',
  'Int8Array',
  'Map',
  'Partial',
  'Readonly',
  'ReadonlyMap',
  'ReadonlySet',
  'Record',
  'RegExp',
  'Set',
  'URL',
  'Uint16Array',
  'Uint32Array',
  'Uint8Array',
  'Uint8ClampedArray',
]

/** The names of one module's types. Who asks first has the plain one. */
export class TypeNames {
  readonly #taken = new Set(taken)

  /** `send.input` → `SendInput`; `Map` → `MapType`; the second `SendInput` → `SendInput2`. */
  claim(...parts: readonly string[]): string {
    const asked = pascalCase(parts)
    const plain = taken.includes(asked) ? `${asked}Type` : asked
    let name = plain
    for (let count = 2; this.#taken.has(name); count++) name = `${plain}${count}`
    this.#taken.add(name)
    return name
  }

  /** Of definitions, in order. Those that may be called as they are have their names first: none takes that of another. */
  claimAll(definitions: readonly string[]): ReadonlyMap<string, string> {
    const names = new Map<string, string>()
    const isPlain = (name: string) => pascalCase([name]) === name && !taken.includes(name)
    const all = [...definitions].sort()
    for (const name of [...all.filter(isPlain), ...all.filter((name) => !isPlain(name))])
      names.set(name, this.claim(name))
    return new Map(all.map((name) => [name, names.get(name)!]))
  }

  has(name: string): boolean {
    return this.#taken.has(name)
  }
}

/** Any texts as the name of a type: of ASCII, as a contract's names are. */
export function pascalCase(parts: readonly string[]): string {
  const words = parts.flatMap((part) => part.split(/[^\w$]+/)).filter((word) => word !== '')
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
  return /^[A-Za-z$_]/.test(name) ? name : `T${name}`
}
