// Names that a contract may use. The client's verbs are proxies: a name that JavaScript, promises, printers or test
// tools ask of any object would become a call that nobody made. The same list guards the contract, the client's
// proxies and what comes in by wire.

const reserved: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
  'catch',
  'finally',
  'toJSON',
  'prototype',
  'inspect',
  'nodeType',
  'tagName',
  'hasAttribute',
  'asymmetricMatch',
])

const shape = /^[A-Za-z][A-Za-z0-9_]*$/

/** The longest name, in characters. */
export const maxNameLength = 128

/** Whether a contract may use the name: a letter, then letters, digits and `_`; at most 128; not reserved. */
export function isName(name: string): boolean {
  return name.length <= maxNameLength && shape.test(name) && !reserved.has(name)
}

/** Whether it is a name, or one in a namespace: names with slashes between them. */
export function isQualifiedName(name: string): boolean {
  return name.split('/').every(isName)
}

/** @throws TypeError that says which name is wrong, where, and why. */
export function assertName(name: string, where: string): void {
  if (isName(name)) return
  const why = reserved.has(name)
    ? 'is reserved: JavaScript, promises or test tools ask for it on any object'
    : `must be a letter followed by letters, digits or _, at most ${maxNameLength} characters`
  throw new TypeError(`defineContract: the name ${JSON.stringify(name)} in ${where} ${why}. Choose another name.`)
}
