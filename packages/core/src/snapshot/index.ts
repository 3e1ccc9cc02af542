// A contract as data: described, compared, recognised. An entry of its own, so that no client's bundle has it.

export { assertFingerprint, assertSnapshot } from './assert-snapshot.ts'
export { compareSnapshots } from './compare/compare-snapshots.ts'
export type { Finding } from './compare/finding.ts'
export { type Example, type Rule, severities, type Severity } from './compare/rule.ts'
export { type RuleId, rules } from './compare/rules.ts'
export { describeContract, type DescribeOptions, SnapshotError } from './describe-contract.ts'
export { fingerprintOf } from './fingerprint.ts'
export { parseSnapshot, snapshotText } from './parse-snapshot.ts'
export { stableText } from './stable-text.ts'
export {
  type ContractSnapshot,
  type Described,
  type ErrorSnapshots,
  type EventSnapshot,
  type EventsSnapshot,
  type JsonSchema,
  type JsonSchemaObject,
  keywords,
  type NamespaceSnapshot,
  type ProcedureSnapshot,
  type RoomSnapshot,
  type StreamSnapshot,
  type UploadSnapshot,
} from './types.ts'
