/** Why something that one schema allows may be refused by another. */
export type DifferenceKind =
  /** Of another type: `string` where `number` is taken. */
  | 'type'
  /** A value that is none of those that are taken: an enum's, a literal's. */
  | 'value'
  /** A property that may be missing is required. */
  | 'required'
  /** A property that the other does not know, and ignores. No reason to refuse. */
  | 'unknown-property'
  /** A property where no others than those declared are taken. */
  | 'closed'
  /** Of numbers, lengths, counts, times. */
  | 'bound'
  | 'pattern'
  | 'format'
  | 'multiple'
  /** How many items a tuple has. */
  | 'length'
  | 'unique'
  /** A member of a union that no member of the other takes whole. */
  | 'union'
  /** Of another type that JSON cannot say: a `Date` where a string is taken, or the other way round. */
  | 'wire-type'
  /** The whole payload may be missing, and is required. */
  | 'optional'
  /** Nobody can tell: it may be taken or not. */
  | 'unclear'

/** `sub may send …, but sup can only take …`. */
export interface Difference {
  readonly kind: DifferenceKind
  /** Within the payload: `.author.tags[]`. Empty: the payload itself. */
  readonly place: string
  /** What the one allows, as a predicate: `may send string or null`. */
  readonly sub: string
  /** Why that is too much for the other: `can only take string`. */
  readonly sup: string
}

export function difference(kind: DifferenceKind, sub: string, sup: string, place = ''): Difference {
  return { kind, place, sub, sup }
}

/** A difference of something within, seen from what it is in. */
export const within = (place: string, found: readonly Difference[]): readonly Difference[] =>
  found.map((one) => ({ ...one, place: place + one.place }))

/** `.name`, or `["first name"]`. */
export const placeOf = (name: string) =>
  /^[\p{L}_$][\p{L}\p{N}_$-]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`

/** Those that say that something may be refused. */
export const refusals = (found: readonly Difference[]) => found.filter(({ kind }) => kind !== 'unknown-property')

/** `"a", "b" or "c"`; of many only the first. */
export function listed(values: readonly unknown[]): string {
  const texts = values.slice(0, maxListed).map((value) => JSON.stringify(value))
  if (values.length > maxListed) return `${texts.join(', ')} or ${values.length - maxListed} others`
  return texts.length < 2 ? texts.join('') : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)}`
}

const maxListed = 8
