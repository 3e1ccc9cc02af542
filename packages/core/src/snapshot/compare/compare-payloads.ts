import { type JsonSchema, keywords } from '../types.ts'
import type { Difference } from './difference.ts'
import { type Finding, finding } from './finding.ts'
import type { Definitions } from './schema-text.ts'
import { createDifferences, type Differences } from './subset.ts'

/** A payload of before and after; `undefined`: nothing travels. `null`, of an error: likewise. */
type Payload = JsonSchema | null | undefined

export interface PayloadComparison {
  /** Of what clients send. */
  sent(before: Payload, after: Payload, path: string): readonly Finding[]
  /** Of what they receive. */
  received(before: Payload, after: Payload, path: string): readonly Finding[]
}

export function createPayloadComparison(before: Definitions, after: Definitions): PayloadComparison {
  const forward = createDifferences(before, after)
  const backward = createDifferences(after, before)
  return {
    sent: (old, now, path) => compareSent(old, now, path, forward, backward),
    received: (old, now, path) => compareReceived(old, now, path, forward, backward),
  }
}

function compareSent(
  before: Payload,
  after: Payload,
  path: string,
  forward: Differences,
  backward: Differences,
): readonly Finding[] {
  if (before == null && after == null) return []
  if (before == null) {
    if (isOptional(after)) return [finding('sent-widened', path, 'Old clients send nothing here, and need not.')]
    return [finding('sent-declared', path, 'Old clients send nothing here, but the new contract cannot do without it.')]
  }
  if (after == null)
    return [finding('sent-withdrawn', path, 'Old clients send it, but the new contract takes nothing here.')]
  const found = forward(before, after).map((one) => {
    const reason = `Old clients ${one.sub}, but the new contract ${one.sup}.`
    return finding(`sent-${one.kind}`, path + one.place, reason)
  })
  if (isOptional(before) && !isOptional(after))
    found.unshift(
      finding('sent-optional', path, 'Old clients may send nothing here, but the new contract cannot do without it.'),
    )
  if (found.length > 0) return found
  const isChanged = isOptional(before) !== isOptional(after) || backward(after, before).length > 0
  return isChanged ? [finding('sent-widened', path, 'The new contract takes all that old clients send, and more.')] : []
}

function compareReceived(
  before: Payload,
  after: Payload,
  path: string,
  forward: Differences,
  backward: Differences,
): readonly Finding[] {
  if (before == null && after == null) return []
  if (before == null)
    return [finding('received-declared', path, 'Old clients expect nothing here, and do not look at it.')]
  if (after == null) {
    if (isOptional(before))
      return [finding('received-narrowed', path, 'Nothing comes here any more, which old clients know.')]
    return [finding('received-withdrawn', path, 'Nothing comes here any more, but old clients count on it.')]
  }
  const found = backward(after, before).flatMap((one) => receivedFinding(one, path))
  if (isOptional(after) && !isOptional(before))
    found.unshift(finding('received-optional', path, 'Nothing may come here, but old clients count on it.'))
  if (found.length > 0) return found
  const isChanged =
    isOptional(before) !== isOptional(after) || backward(after, before).length > 0 || forward(before, after).length > 0
  return isChanged ? [finding('received-narrowed', path, 'Old clients know all that may come here now.')] : []
}

function receivedFinding({ kind, place, sub, sup }: Difference, path: string): Finding[] {
  if (kind === 'unknown-property') return [] // clients do not look at it
  return [finding(`received-${kind}`, path + place, `The new contract ${sub}, but old clients ${sup}.`)]
}

const isOptional = (schema: Payload) =>
  typeof schema === 'object' && schema !== null && schema[keywords.optional] === true
