import { maxPathsLength } from './annotations.ts'
import { PayloadError } from './payload-error.ts'

const tooLong = `Too long paths to rich values in one payload: more than ${maxPathsLength} characters in all`

/** What all paths begin with but those of no step, which is that of the value itself. */
export const beginning = ',"'

/** What the paths of all members of a value begin with. */
export const inside = (before: string, key: string) => (before === '' ? beginning : `${before}${key}.`)

/**
 * The annotations of a payload that is being written: for each the path in two pieces, what it has in common with those
 * beside it and a key, and the tree behind `":`. All are texts: a tree of objects would cost more than all the rest
 * (bench/encode.mjs), and so would a path for each value.
 */
export class AnnotationNotes {
  /** In threes. It is never cut: an array that is cut and grows again is copied each time. */
  readonly #texts: string[] = []
  /** How long all paths are that were put together. */
  #given = 0
  /** How many of them are notes. */
  length = 0

  push(before: string, key: string, tree: string): void {
    const texts = this.#texts
    const length = this.length
    texts[length] = before
    texts[length + 1] = key
    texts[length + 2] = tree
    this.length = length + 3
  }

  /** Whether those from `end` on are the same as those from `start` to `end`. If so, they go. */
  takeRepeated(start: number, end: number): boolean {
    const texts = this.#texts
    const count = end - start
    if (this.length - end !== count) return false
    // Backwards: keys and types differ more often than what is before them.
    for (let i = end - 1; i >= start; i--) if (texts[i] !== texts[i + count]) return false
    this.length = end
    return true
  }

  /** Those from `start` to `end` are of each item before `index`, those behind are of that one: all get their paths from `path` on. */
  giveToItems(index: number, path: string, start: number, end: number): void {
    const texts = this.#texts.slice(start, this.length)
    const count = end - start
    this.length = start
    for (let item = 0; item <= index; item++) {
      const to = item < index ? count : texts.length
      for (let i = item < index ? 0 : count; i < to; i += 3) {
        const [before, key, tree] = [texts[i]!, texts[i + 1]!, texts[i + 2]!]
        if ((this.#given += path.length + before.length) > maxPathsLength) throw new PayloadError(tooLong)
        if (before === '') this.push(path, `${item}`, tree)
        else this.push(`${path}${item}.${before.slice(beginning.length)}`, key, tree)
      }
    }
  }

  /**
   * The tree that those from `start` on are, which go. Nothing where there are none.
   * @throws PayloadError where it is too long. It is no text as yet: that it is put together of is there once.
   */
  takeTree(start: number): string {
    const texts = this.#texts
    if (this.length === start) return ''
    let tree = ''
    for (let i = start; i < this.length; i++) tree += texts[i]
    if (tree.length > maxPathsLength) throw new PayloadError(tooLong)
    this.length = start
    // What has no path is the only one.
    return texts[start] === '' ? tree.slice('":'.length) : `{${tree.slice(','.length)}}`
  }
}
