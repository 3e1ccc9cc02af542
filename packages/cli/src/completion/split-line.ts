/** The words of a command line as a shell reads them, the last of which is being written: it may be empty, or its quote open. */
export function splitLine(line: string): readonly string[] {
  const words: string[] = []
  let word = ''
  let quote: string | undefined
  let isInWord = false
  for (let at = 0; at < line.length; at++) {
    const letter = line[at]!
    if (quote === "'" ? letter === "'" : letter === quote) quote = undefined
    else if (letter === '\\' && quote !== "'") word += line[++at] ?? ''
    else if (quote !== undefined) word += letter
    else if (letter === '"' || letter === "'") quote = letter
    else if (/\s/.test(letter)) {
      if (isInWord) words.push(word)
      word = ''
      isInWord = false
      continue
    } else word += letter
    isInWord = true
  }
  return [...words, word]
}
