import { isQualifiedName } from '@typewire/core/internal'

/**
 * A name that a client gave, as a log may show it: no line breaks, no escapes, and not long. One that the contract has, among
 * `known`, is such.
 */
export function shown(name: string, known?: Pick<ReadonlyMap<string, unknown>, 'has'>): string {
  if (known?.has(name) || isQualifiedName(name)) return name
  return JSON.stringify(name.slice(0, 64)).replace(/[^\x20-\x7e]/g, '?')
}
