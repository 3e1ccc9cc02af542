/**
 * Makes groups of verbs, `target.emit.message(…)`, of which there may be one per session or room reference: a group is
 * one small object, a verb is made when it is read, and can be taken apart.
 */
export function verbGroups<Target>(
  names: Iterable<string>,
  verb: (target: Target, name: string) => (...args: never[]) => unknown,
): (target: Target) => object {
  class VerbGroup {
    readonly #target: Target
    constructor(target: Target) {
      this.#target = target
    }
    static read(group: VerbGroup, name: string) {
      return verb(group.#target, name)
    }
  }
  for (const name of names) {
    Object.defineProperty(VerbGroup.prototype, name, {
      enumerable: true,
      get(this: VerbGroup) {
        return VerbGroup.read(this, name)
      },
    })
  }
  return (target) => new VerbGroup(target)
}
