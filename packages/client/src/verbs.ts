import { isName } from '@typewire/core/internal'

/**
 * A group of verbs, `client.call`: any name of a contract reads as a verb, made once and kept, so that `client.call.send`
 * is the same function each time. What JavaScript, promises, printers and test tools ask of any object (`then`,
 * `toJSON`, symbols) is no name, so looking at a group sends nothing. A spy may replace a verb. `qualify`: what a name is on
 * the wire, which the verb's own name says.
 */
export function verbGroup<Verb extends object>(
  kind: string,
  make: (name: string) => Verb,
  qualify = (name: string): string => name,
): Readonly<Record<string, Verb>> {
  const verbs: object = Object.create(null, { [Symbol.toStringTag]: { value: `Typewire.${kind}` } })
  const read = (name: string): Verb => {
    const known = Reflect.get(verbs, name) as Verb | undefined
    if (known) return known
    const verb = make(name)
    // isErrorOf reads it
    if (typeof verb === 'function') Object.defineProperty(verb, 'name', { value: `${kind}.${qualify(name)}` })
    Reflect.set(verbs, name, verb)
    return verb
  }
  return new Proxy(verbs as Record<string, Verb>, {
    get: (target, name) => (isVerb(name) ? read(name) : Reflect.get(target, name)),
    has: (target, name) => isVerb(name) || Reflect.has(target, name),
    getOwnPropertyDescriptor(target, name) {
      if (isVerb(name)) read(name)
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
}

const isVerb = (name: string | symbol): name is string => typeof name === 'string' && isName(name)
