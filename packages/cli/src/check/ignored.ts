import { type Finding, rules } from '@typewire/core/snapshot'
import { InvalidArgumentError } from 'commander'

/** A finding that was looked at, and accepted. */
export interface Ignored {
  readonly rule: string
  /** With `*` at its end: all that begin so. */
  readonly path: string
}

/** Reads `--ignore rule:path`, one of several. */
export function addIgnored(text: string, before: readonly Ignored[] = []): readonly Ignored[] {
  const at = text.indexOf(':')
  const [rule, path] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 1 || path === '') throw new InvalidArgumentError('Write --ignore <rule>:<path>, as a finding has them.')
  if (!Object.hasOwn(rules, rule))
    throw new InvalidArgumentError(`There is no rule ${rule}. There are: ${Object.keys(rules).join(', ')}.`)
  return [...before, { rule, path }]
}

export interface Split {
  readonly findings: readonly Finding[]
  readonly ignored: readonly Finding[]
  /** Of what is to be ignored: what is not found. */
  readonly unused: readonly string[]
}

export function splitIgnored(all: readonly Finding[], accepted: readonly Ignored[]): Split {
  const isIgnored = (finding: Finding) => accepted.some((one) => concerns(one, finding))
  return {
    findings: all.filter((finding) => !isIgnored(finding)),
    ignored: all.filter(isIgnored),
    unused: accepted
      .filter((one) => !all.some((finding) => concerns(one, finding)))
      .map(({ rule, path }) => `${rule}:${path}`),
  }
}

function concerns(ignored: Ignored, { rule, path }: Finding): boolean {
  if (ignored.rule !== rule) return false
  return ignored.path.endsWith('*') ? path.startsWith(ignored.path.slice(0, -1)) : path === ignored.path
}
