import { type RuleId, rules } from './rules.ts'
import type { Severity } from './rule.ts'

/** What has changed between two contracts, and what to do about it. */
export interface Finding {
  readonly rule: RuleId
  readonly severity: Severity
  /** `procedures.send.input.text`, or `namespaces.admin.rooms.hall.events.toClient.said.payload.author.name`. */
  readonly path: string
  /** What it was, and what it is. */
  readonly reason: string
  readonly remedy: string
}

export function finding(rule: RuleId, path: string, reason: string): Finding {
  const { severity, remedy } = rules[rule]
  return { rule, severity, path, reason, remedy }
}
