import { receivedRules } from './received-rules.ts'
import type { Rule } from './rule.ts'
import { sentRules } from './sent-rules.ts'
import { structureRules } from './structure-rules.ts'

/** All rules, by their ids. `check` finds nothing that is not here, and its document is made of this. */
export const rules = { ...structureRules, ...sentRules, ...receivedRules } satisfies Record<string, Rule>

export type RuleId = keyof typeof rules
