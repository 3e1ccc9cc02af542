// How TypeScript is written by hand: lines of a readable length, single quotes, no semicolons.

/** The longest type literal that is written in one line. */
const maxInlineLength = 80
/** The longest union that is. */
const maxUnionLength = 100

/** All lines but the first go in. */
export function indentRest(text: string, by = 2): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`).replaceAll(/[ ]+$/gm, '')
}

export interface Member {
  /** Lines of a comment, without its signs. */
  readonly doc: readonly string[]
  /** `name: string`. */
  readonly text: string
}

/** The lines between the braces, each with its comment. */
export function membersText(members: readonly Member[]): string {
  return members.map(({ doc, text }) => `  ${indentRest(docText(doc) + text)}`).join('\n')
}

/** `{ a: string; b: number }`, or a line for each. `{}` without any. */
export function literalText(members: readonly Member[], maxLength = maxInlineLength): string {
  if (members.length === 0) return '{}'
  const inline = `{ ${members.map(({ text }) => text).join('; ')} }`
  const isShort = inline.length <= maxLength && !inline.includes('\n') && members.every(({ doc }) => doc.length === 0)
  return isShort ? inline : `{\n${membersText(members)}\n}`
}

/** Alternatives in one line, or a line for each. */
export function unionText(texts: readonly string[]): string {
  const inline = texts.join(' | ')
  const long = texts.filter((text) => text.includes('\n'))
  if (long.length === 0 && inline.length <= maxUnionLength) return inline
  if (texts.length === 1 || (long.length === 1 && texts.every((text) => long.includes(text) || isNothing(text))))
    return inline
  return texts.map((text) => `\n  | ${indentRest(text, 4)}`).join('')
}

const isNothing = (text: string) => text === 'null' || text === 'undefined'

/** A comment with a line of its own for its end, unless it is short. `''` without lines. */
export function docText(lines: readonly string[]): string {
  const safe = lines
    .flatMap((line) => line.split(/\r\n|[\r\n\u2028\u2029]/))
    .map((line) => line.replaceAll('*/', '*\\/'))
  if (safe.length === 0) return ''
  if (safe.length === 1 && safe[0]!.length <= maxUnionLength) return `/** ${safe[0]} */\n`
  return `/**\n${safe.map((line) => ` * ${line}`.trimEnd()).join('\n')}\n */\n`
}

/** A literal of a text: single quotes, unless that takes more escapes. */
export function quoted(text: string): string {
  const json = JSON.stringify(text).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  if (text.includes("'") && !text.includes('"')) return json
  const inner = json.slice(1, -1).replaceAll(/\\(.)/g, (escape, of: string) => (of === '"' ? '"' : escape))
  return `'${inner.replaceAll("'", "\\'")}'`
}

/** A name of a property: as it is where it may be. Of what Unicode calls letters, compilers and engines know different parts. */
export function keyText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)
}
