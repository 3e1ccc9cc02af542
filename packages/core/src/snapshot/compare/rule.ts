/**
 * `breaking`: clients that are out there fail. `risky`: they may, or lose something without being told. `compatible`: they go
 * on as before.
 */
export type Severity = 'breaking' | 'risky' | 'compatible'

export const severities = ['breaking', 'risky', 'compatible'] as const satisfies readonly Severity[]

/** What may have changed between two contracts, and what comes of it. */
export interface Rule {
  readonly severity: Severity
  /** What has changed, and why it has this severity. */
  readonly meaning: string
  /** What to do in its place, or about it. */
  readonly remedy: string
  readonly breaks: Example
  /** A change of the same kind that this rule does not concern. */
  readonly passes: Example
}

/** Members of a contract, as they are written with zod. */
export interface Example {
  readonly before: string
  readonly after: string
}
