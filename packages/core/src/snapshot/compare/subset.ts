import type { JsonSchema } from '../types.ts'
import { accepts, isUnrestricted } from './accepts.ts'
import { compareArrays, compareObjects } from './compare-containers.ts'
import { compareNumbers, compareOpaque, compareTexts, compareWireBounds } from './compare-leaves.ts'
import { difference, type Difference, listed, refusals } from './difference.ts'
import { areMarkedApart } from './disjoint.ts'
import { isAnyWire } from './merge-words.ts'
import { type Definitions, sameSchemas, schemaText } from './schema-text.ts'
import { noWords, othersOf, type Shape, typeNames } from './shape.ts'
import { createShapes, type Shapes } from './shapes.ts'

/**
 * Tells why one schema is no subset of another: what `sub` allows and `sup` refuses. None: all that `sub` allows, `sup`
 * takes. Sound: where it cannot tell, it says so (`unclear`, or a difference that may be none), and never nothing.
 *
 * What is sent has only the properties that are declared, unless its schema says what others there may be; what is taken may
 * have others, unless its schema says that there are none. So it is with the objects of schema libraries: they are open to
 * who reads them, and whoever writes them knows what is in them.
 */
export type Differences = (sub: JsonSchema, sup: JsonSchema) => readonly Difference[]

export function createDifferences(subDefinitions: Definitions, supDefinitions: Definitions): Differences {
  const comparison = new Comparison(subDefinitions, supDefinitions)
  return (sub, sup) => comparison.start(sub, sup)
}

/** As many pairs of schemas are looked at for one payload: more are of unions in unions that nobody writes. */
const maxSteps = 50_000

class Comparison {
  readonly #sub: Shapes
  readonly #sup: Shapes
  readonly #isSame: (sub: JsonSchema, sup: JsonSchema) => boolean
  readonly #done = new Map<string, readonly Difference[]>()
  /** Pairs that are being compared, and how deep: met again, they are taken for subsets, as all else decides. */
  readonly #open = new Map<string, number>()
  /** The least deep of the open pairs that was met again. */
  #lowest = Infinity
  #steps = 0

  constructor(sub: Definitions, sup: Definitions) {
    this.#sub = createShapes(sub)
    this.#sup = createShapes(sup)
    this.#isSame = sameSchemas(sub, sup)
  }

  start(sub: JsonSchema, sup: JsonSchema): readonly Difference[] {
    this.#steps = 0
    return this.compare(sub, sup)
  }

  readonly compare = (sub: JsonSchema, sup: JsonSchema): readonly Difference[] => {
    if (this.#isSame(sub, sup)) return []
    const key = `${schemaText(sub)}\n${schemaText(sup)}`
    const done = this.#done.get(key)
    if (done) return done
    const again = this.#open.get(key)
    if (again !== undefined) {
      this.#lowest = Math.min(this.#lowest, again)
      return []
    }
    if (++this.#steps > maxSteps)
      return [difference('unclear', 'may send what it says here', 'is too large to be compared')]
    const depth = this.#open.size
    const outer = this.#lowest
    this.#open.set(key, depth)
    this.#lowest = Infinity
    const found = this.#compareUnions(this.#sub.of(sub), this.#sup.of(sup))
    this.#open.delete(key)
    // Kept only if it holds by itself, and not because of a pair that is still open.
    const isFinal = this.#lowest >= depth
    if (isFinal) this.#done.set(key, found)
    this.#lowest = isFinal ? outer : Math.min(outer, this.#lowest)
    return found
  }

  #compareUnions(sub: readonly Shape[], sup: readonly Shape[]): readonly Difference[] {
    const found: Difference[] = []
    const alone: Shape[] = []
    for (const shape of sub) {
      const candidates = sup.filter((one) => isOfOneType(shape, one))
      if (candidates.length === 0) alone.push(shape)
      else if (shape.values) found.push(...compareValues(shape, shape.values, candidates))
      else found.push(...this.#compareToAny(shape, candidates, sub.filter((one) => isOfOneType(one, shape)).length > 1))
    }
    if (alone.length > 0 && !alone.every((shape) => this.#isEmpty(shape))) found.unshift(ofOtherType(alone, sub, sup))
    return found
  }

  /** Those of the one that takes it whole, or else of the one that is meant. */
  #compareToAny(
    shape: Shape,
    candidates: readonly Shape[],
    isOfUnion: boolean,
    isSplit = false,
  ): readonly Difference[] {
    const likely = candidates.filter((one) => !areMarkedApart(shape, one, this.#sub.of, this.#sup.of))
    const isUnion = isOfUnion || candidates.length > 1
    const [first, ...others] = likely.length === 0 && !isUnion ? candidates : likely
    if (first === undefined) {
      if (this.#isEmpty(shape)) return []
      return [noMember(shape, this.#sub)]
    }
    let best = this.#compareShapes(shape, first)
    for (const one of others) {
      if (best.length === 0) return best
      const found = this.#compareShapes(shape, one)
      if (weight(found) < weight(best)) best = found
    }
    if (refusals(best).length === 0) return best
    return (isUnion && !isSplit && this.#compareSplit(shape, candidates)) || best
  }

  /** An object with a discriminator of several values, each of which another member may take. `undefined`: there is none. */
  #compareSplit(shape: Shape, candidates: readonly Shape[]): readonly Difference[] | undefined {
    for (const name of shape.words.required) {
      const shapes = this.#sub.of(shape.words.properties.get(name) ?? true)
      const values = shapes.flatMap((one) => (one.wire === undefined && one.values) || [undefined])
      if (values.length < 2 || values.length > maxSplit || values.includes(undefined)) continue
      const found = values.map((value) => {
        const properties = new Map(shape.words.properties).set(name, { const: value })
        return this.#compareToAny({ ...shape, words: { ...shape.words, properties } }, candidates, true, true)
      })
      if (found.every((one) => refusals(one).length === 0)) return found.flat().filter(isFirst)
    }
    return undefined
  }

  #compareShapes(sub: Shape, sup: Shape): readonly Difference[] {
    if (this.#isEmpty(sub)) return []
    const opaque = compareOpaque(sub, sup, (a, b) => a.keyword === b.keyword && this.#isSame(a.schema, b.schema))
    if (sup.values && sup.type !== 'wire') {
      const given = typeNames([sub])
      return [difference('value', `may send any ${given}`, `can only take ${listed(sup.values)}`), ...opaque]
    }
    return [...this.#compareWords(sub, sup), ...opaque]
  }

  #compareWords(sub: Shape, sup: Shape): readonly Difference[] {
    if (sup.type === 'wire') {
      return isUnrestricted({ ...sup, opaque: [] })
        ? []
        : [difference('unclear', 'may send what JSON cannot say', 'restricts it in words of JSON')]
    }
    if (sub.type === 'string') return compareTexts(sub.words, sup.words)
    if (sub.type === 'number') return compareNumbers(sub.words, sup.words)
    if (sub.type === 'array') {
      const bounds = compareWireBounds(sub.words, sup.words)
      return [...compareArrays(sub.words, sup.words, this.compare, this.#isNever), ...bounds]
    }
    if (sub.type === 'object') return compareObjects(sub.words, sup.words, this.compare, this.#takesName)
    return []
  }

  readonly #isNever = (schema: JsonSchema) => this.#sub.of(schema).length === 0

  readonly #takesName = (names: JsonSchema, name: string) =>
    this.#sup.of(names).some((shape) => accepts(shape, textShape, name))

  /** Whether no value is of it: it requires what nothing can be. */
  #isEmpty({ type, words }: Shape): boolean {
    if (type === 'array') return words.prefix.some((item, index) => index < words.minItems && this.#isNever(item))
    if (type !== 'object') return false
    return [...words.required].some((name) => this.#isNever(words.properties.get(name) ?? othersOf(words) ?? true))
  }
}

const textShape: Shape = { type: 'string', wire: undefined, values: undefined, words: noWords, opaque: [] }

/** `wide` may be of all types that JSON cannot say. */
const isOfOneType = (one: Shape, wide: Shape) =>
  (one.type === wide.type && one.wire === wide.wire) || isAnyWire(wide, one)

/** As many values of a discriminator are looked at one by one. */
const maxSplit = 64

/** The least is what is nearest. */
const weight = (found: readonly Difference[]) => refusals(found).length * 1_000 + found.length

const isFirst = (one: Difference, index: number, all: readonly Difference[]) =>
  all.findIndex(({ kind, place }) => kind === one.kind && place === one.place) === index

function compareValues(shape: Shape, values: readonly unknown[], candidates: readonly Shape[]): readonly Difference[] {
  const refused = values.filter((value) => !candidates.some((one) => accepts(one, shape, value)))
  if (refused.length === 0) return []
  const sub = `may send ${listed(refused)}`
  const taken = candidates.flatMap((one) => one.values ?? [])
  if (taken.length > 0) return [difference('value', sub, `can only take ${listed(taken)}`)]
  const isUnclear = candidates.some(({ opaque }) => opaque.length > 0)
  return [difference(isUnclear ? 'unclear' : 'value', sub, `can only take ${typeNames(candidates)} of another form`)]
}

function ofOtherType(alone: readonly Shape[], sub: readonly Shape[], sup: readonly Shape[]): Difference {
  const others = sup.filter((one) => !sub.some((shape) => isOfOneType(one, shape)))
  const isOfWire =
    alone.every(({ type }) => type !== 'wire') && [...alone, ...others].some(({ wire }) => wire !== undefined)
  const given = typeNames(alone.length === sub.length ? sub : alone)
  return difference(isOfWire ? 'wire-type' : 'type', `may send ${given}`, `can only take ${typeNames(sup)}`)
}

/** Of a union's: told by its discriminator, where it has one. */
function noMember({ type, words }: Shape, shapes: Shapes): Difference {
  const marks = [...words.required].flatMap((name) => {
    const [mark, ...others] = shapes.of(words.properties.get(name) ?? true)
    return mark?.values && others.length === 0 ? [`${name} ${listed(mark.values)}`] : []
  })
  const told = marks.length > 0 ? ` of ${marks.slice(0, 2).join(' and ')}` : ''
  return difference('union', `may send an ${type}${told}`, 'can take no such member of the union')
}
