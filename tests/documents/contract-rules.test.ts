import { type Example, type Rule, rules } from '@typewire/core/snapshot'
import { expect, test } from 'vitest'
import { table, updated } from './documents.ts'

test('docs/contract-rules.md shows the table of rules', () => {
  const text = groups.map(([title, prefix]) => section(title, rulesOf(prefix))).join('\n\n')
  expect(updated('docs/contract-rules.md', 'rules', text)).toBe(text)
})

const groups = [
  ['What clients send', 'sent-'],
  ['What clients receive', 'received-'],
  ['What a contract has', ''],
] as const

type Entry = readonly [id: string, rule: Rule]

function rulesOf(prefix: string): readonly Entry[] {
  const all = Object.entries<Rule>(rules)
  if (prefix !== '') return all.filter(([id]) => id.startsWith(prefix))
  return all.filter(([id]) => groups.every(([, other]) => other === '' || !id.startsWith(other)))
}

function section(title: string, entries: readonly Entry[]): string {
  const rows = entries.map(([id, { severity, meaning }]) => [`[\`${id}\`](#${id})`, severity, meaning])
  return [`### ${title}`, table(['Rule', 'Severity', 'Meaning'], rows), ...entries.map(detailed)].join('\n\n')
}

function detailed([id, { severity, meaning, remedy, breaks, passes }]: Entry): string {
  const found = severity === 'breaking' ? 'Breaks:' : 'Found:'
  return [`#### ${id}`, `${meaning} **${remedy}**`, found, diff(breaks), 'Passes:', diff(passes)].join('\n\n')
}

function diff({ before, after }: Example): string {
  return `\`\`\`diff\n${before === after ? `  ${before}` : `- ${before}\n+ ${after}`}\n\`\`\``
}
