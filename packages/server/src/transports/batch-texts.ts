/**
 * Makes the texts of messages, and keeps the last: what a room is told in one turn is the same message for all of its members,
 * one behind the other, and is joined once. The frames that members share are the same strings, which costs next to nothing
 * to see. What is kept is no longer than the longest message.
 */
export class BatchTexts {
  #texts: readonly string[] = []
  #text = '[]'

  /** The text of a message of these frames. */
  readonly of = (texts: readonly string[]): string => {
    if (this.#isLast(texts)) return this.#text
    this.#texts = texts
    return (this.#text = `[${texts.join(',')}]`)
  }

  #isLast(texts: readonly string[]): boolean {
    if (texts.length !== this.#texts.length) return false
    for (let i = 0; i < texts.length; i++) if (texts[i] !== this.#texts[i]) return false
    return true
  }
}
