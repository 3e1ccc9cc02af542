import { isMultiple } from './accepts.ts'
import { difference, type Difference } from './difference.ts'
import type { Bound, Shape, WireBound, Words } from './shape.ts'

// Where one shape of a type allows what another of the same type refuses: of what has nothing within.

export function compareTexts(sub: Words, sup: Words): readonly Difference[] {
  return [
    ...atLeast(sub.minLength, sup.minLength, 'characters'),
    ...atMost(sub.maxLength, sup.maxLength, 'characters'),
    ...compareForms(sub, sup),
    ...compareWireBounds(sub, sup),
  ]
}

export const compareWireBounds = (sub: Words, sup: Words): readonly Difference[] => [
  ...compareBounds(sub.wireLower, sup.wireLower, isLooserBelow, 'above'),
  ...compareBounds(sub.wireUpper, sup.wireUpper, isLooserAbove, 'below'),
]

export function compareNumbers(sub: Words, sup: Words): readonly Difference[] {
  const lower = sub.integer ? wholeBound(sub.lower, 1) : sub.lower
  const upper = sub.integer ? wholeBound(sub.upper, -1) : sub.upper
  // An integer is one that is safe: that says no more than the type does, which is told already.
  const becameInteger = sup.integer && !isWhole(sub)
  const supLower = becameInteger && sup.lower?.value === Number.MIN_SAFE_INTEGER ? undefined : sup.lower
  const supUpper = becameInteger && sup.upper?.value === Number.MAX_SAFE_INTEGER ? undefined : sup.upper
  return [
    ...(becameInteger ? [difference('type', 'may send number', 'can only take integer')] : []),
    ...compareBounds(lower, sup.integer ? wholeBound(supLower, 1) : supLower, isLooserBelow, 'above'),
    ...compareBounds(upper, sup.integer ? wholeBound(supUpper, -1) : supUpper, isLooserAbove, 'below'),
    ...sup.multiples.flatMap((multiple) => compareMultiples(sub, multiple)),
    ...compareForms(sub, sup),
  ]
}

const isWhole = ({ integer, multiples }: Words) =>
  integer || multiples.some((multiple) => Number.isSafeInteger(multiple))

function compareMultiples({ multiples, integer }: Words, multiple: number): readonly Difference[] {
  const given = integer ? [1, ...multiples] : multiples
  if (given.some((one) => isMultiple(one, multiple))) return []
  const sub = given.length === 0 ? 'may send any number' : `may send multiples of ${given.at(-1)}`
  return [difference('multiple', sub, `can only take multiples of ${multiple}`)]
}

/** Patterns and formats: what is not asked of what is sent may be missing in it. */
function compareForms(sub: Words, sup: Words): readonly Difference[] {
  const formats = sup.formats.filter((format) => !sub.formats.includes(format))
  if (formats.length > 0) {
    const given = sub.formats.length === 0 ? 'any text' : `the format ${sub.formats.join(' and ')}`
    return [difference('format', `may send ${given}`, `can only take the format ${formats.join(' and ')}`)]
  }
  const patterns = sup.patterns.filter((pattern) => !sub.patterns.includes(pattern))
  if (patterns.length === 0) return []
  const given = sub.patterns.length === 0 ? 'any text' : `what matches ${sub.patterns.map(shown).join(' and ')}`
  return [difference('pattern', `may send ${given}`, `can only take what matches ${patterns.map(shown).join(' and ')}`)]
}

const shown = (pattern: string) => `/${pattern.length > 60 ? `${pattern.slice(0, 59)}…` : pattern}/`

export function atLeast(sub: number, sup: number, what: string): readonly Difference[] {
  if (sub >= sup) return []
  return [
    difference(
      'bound',
      `may send ${sub === 0 ? `no ${what}` : `${sub} ${what}`}`,
      `can only take ${sup} ${what} or more`,
    ),
  ]
}

export function atMost(sub: number, sup: number, what: string): readonly Difference[] {
  if (sub <= sup) return []
  return [
    difference(
      'bound',
      `may send ${sub === Infinity ? `any number of` : `${sub}`} ${what}`,
      `can only take ${sup} ${what} or fewer`,
    ),
  ]
}

type AnyBound = Bound | WireBound

/** Whether `sub` allows what `sup` does not. */
const isLooserBelow = (sub: AnyBound, sup: AnyBound) =>
  sub.value < sup.value || (sub.value === sup.value && sup.exclusive && !sub.exclusive)
const isLooserAbove = (sub: AnyBound, sup: AnyBound) =>
  sub.value > sup.value || (sub.value === sup.value && sup.exclusive && !sub.exclusive)

function compareBounds(
  sub: AnyBound | undefined,
  sup: AnyBound | undefined,
  isLooser: (sub: AnyBound, sup: AnyBound) => boolean,
  side: 'above' | 'below',
): readonly Difference[] {
  if (sup === undefined || (sub !== undefined && !isLooser(sub, sup))) return []
  const told = (bound: AnyBound) =>
    `${bound.exclusive ? side : side === 'above' ? 'from' : 'up to'} ${'text' in bound ? bound.text : bound.value}`
  return [
    difference('bound', `may send what is ${sub ? told(sub) : 'without bound'}`, `can only take what is ${told(sup)}`),
  ]
}

/** Of integers: above 3 is from 4. */
function wholeBound(bound: Bound | undefined, step: 1 | -1): Bound | undefined {
  if (bound === undefined || !Number.isFinite(bound.value)) return bound
  if (!Number.isInteger(bound.value))
    return { value: step === 1 ? Math.ceil(bound.value) : Math.floor(bound.value), exclusive: false }
  // Beyond these, one more is the same number.
  return bound.exclusive && Number.isSafeInteger(bound.value + step)
    ? { value: bound.value + step, exclusive: false }
    : bound
}

/** What nothing is known of must be the same. */
export function compareOpaque(
  sub: Shape,
  sup: Shape,
  isSame: (a: Shape['opaque'][number], b: Shape['opaque'][number]) => boolean,
): readonly Difference[] {
  const keywords = sup.opaque
    .filter((one) => !sub.opaque.some((other) => isSame(other, one)))
    .map(({ keyword }) => keyword)
  if (keywords.length === 0) return []
  return [
    difference(
      'unclear',
      'may send what it says here',
      `restricts it by ${[...new Set(keywords)].join(' and ')}, which cannot be compared`,
    ),
  ]
}
