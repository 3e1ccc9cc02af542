import { type Finding, severities, type Severity } from '@typewire/core/snapshot'

interface TextOptions {
  /** Whether compatible changes are shown too. */
  readonly all: boolean
  /** How many findings were accepted. */
  readonly ignored: number
  /** How wide a line may be. Default 100. */
  readonly columns: number | undefined
}

/** What was found, for people. */
export function checkText(findings: readonly Finding[], { all, ignored, columns }: TextOptions): string {
  const width = Math.min(100, Math.max(40, columns ?? 100))
  const shown = severities.filter((severity) => all || severity !== 'compatible')
  const parts = shown.flatMap((severity) => {
    const those = findings.filter((one) => one.severity === severity)
    return those.length === 0
      ? []
      : [
          `${titles[severity]}\n\n${grouped(those)
            .map((group) => told(group, width))
            .join('\n')}`,
        ]
  })
  return `${[...parts, summary(findings, all, ignored)].join('\n')}\n`
}

const titles: Record<Severity, string> = {
  breaking: 'BREAKING: clients that are out there fail',
  risky: 'RISKY: clients may fail, or lose something',
  compatible: 'COMPATIBLE: clients go on as before',
}

/** Those that say the same of several places, as of a schema that is used in many. */
function grouped(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.reason}`
    const group = groups.get(key)
    if (group) group.push(finding)
    else groups.set(key, [finding])
  }
  return [...groups.values()]
}

function told(group: readonly Finding[], width: number): string {
  const { rule, severity, reason, remedy } = group[0]!
  const paths = group.slice(0, maxPaths).map(({ path }) => `  ${path}`)
  if (group.length > maxPaths) paths.push(`  and ${group.length - maxPaths} other places (--format json has all)`)
  const texts = [reason, ...(severity === 'compatible' ? [] : [remedy])]
  return `${[...paths, `    ${rule}`, ...texts.map((text) => wrapped(text, width))].join('\n')}\n`
}

const maxPaths = 5

/** Lines of at most `width`, indented. A word that is longer has a line of its own. */
function wrapped(text: string, width: number): string {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`
    if (lines.length > 0 && longer.length <= width - indent.length) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.map((line) => indent + line).join('\n')
}

const indent = '    '

function summary(findings: readonly Finding[], all: boolean, ignored: number): string {
  const count = (severity: Severity) => findings.filter((one) => one.severity === severity).length
  const compatible = `${count('compatible')} compatible${!all && count('compatible') > 0 ? ' (--all shows them)' : ''}`
  const counts = [`${count('breaking')} breaking`, `${count('risky')} risky`, compatible]
  if (ignored > 0) counts.push(`${ignored} ignored`)
  const verdict = findings.length === 0 && ignored === 0 ? 'Nothing has changed for clients. ' : ''
  return `${verdict || (count('breaking') === 0 ? 'Nothing breaking. ' : '')}${counts.join(', ')}.`
}
