/**
 * The name of the definition that a `$ref` of a snapshot leads to. A `/` or `~` in a name may be escaped in the reference, as in a
 * JSON Pointer (RFC 6901, 3), or not.
 */
export function definitionOf(ref: string, hasName: (name: string) => boolean): string {
  const name = ref.replace(/^#\/\$defs\//, '')
  return hasName(name) ? name : name.replaceAll('~1', '/').replaceAll('~0', '~')
}
