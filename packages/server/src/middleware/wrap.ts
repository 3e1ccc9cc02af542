import type { TraceContext } from '@typewire/core'
import { frameOptions, type HandlerArgs, withCtx } from '../dispatch/handler-args.ts'
import { itemsOf } from './items-of.ts'
import type { MiddlewareKind } from './types.ts'
import { added, answered, type Answered, type Passed, valueOf } from './passed.ts'

/** What is wrapped, for the middleware around it. */
export interface What {
  readonly kind: MiddlewareKind
  /** As it is on the wire: `send`, `admin/ban`; of a room `chat`, and its events `chat.typing`. */
  readonly name: string
}

/** What handlers get. */
interface Given extends HandlerArgs {
  readonly input?: unknown
  readonly payload?: unknown
  readonly params?: unknown
  readonly [frameOptions]?: unknown
}

/** A handler, or a middleware, of whatever contract: typed at the surface, by name inside. */
// oxlint-disable-next-line typescript/no-explicit-any -- its arguments are the contract's; never exported to users
export type AnyFunction = (args: any) => unknown

/** Puts middleware around a handler, the first outermost. Without any it is the handler itself. */
export function wrapHandler(runs: readonly AnyFunction[], what: What, handle: AnyFunction): AnyFunction {
  if (runs.length === 0) return handle
  const wrapped = runs.reduceRight((inner, run) => wrap(run, what, inner), handle)
  return what.kind === 'stream'
    ? (args: Given) =>
        itemsOf(
          () => wrapped(args),
          what,
          () => args.signal.reason as unknown,
        )
    : wrapped
}

function wrap(run: AnyFunction, what: What, handle: AnyFunction): AnyFunction {
  return async (given: Given) => {
    const next = async (more?: object): Promise<Passed> => {
      return { value: await handle(more ? withCtx(given, joined(given.ctx, more)) : given), [added]: {} }
    }
    return valueOf(await run(new MiddlewareArgs(what, given, next)), what.name)
  }
}

/** What middleware gets: of the handler's, what each kind has. */
class MiddlewareArgs {
  readonly kind: MiddlewareKind
  readonly name: string
  readonly input: unknown
  readonly ctx: object
  readonly server: unknown
  readonly next: (more?: object) => Promise<Passed>
  readonly #given: Given

  constructor({ kind, name }: What, given: Given, next: MiddlewareArgs['next']) {
    this.kind = kind
    this.name = name
    this.input = inputOf(kind, given)
    this.ctx = given.ctx
    this.server = given.server
    this.next = next
    this.#given = given
  }

  get session() {
    return this.#given.session
  }

  get signal() {
    return this.#given.signal
  }

  get trace() {
    return traceOf(this.#given[frameOptions])
  }

  readonly answer = answer
}

const answer = (value: unknown): Answered => ({ [answered]: value })

function inputOf(kind: MiddlewareKind, { input, payload, params }: Given): unknown {
  if (kind === 'event') return payload
  return kind === 'join' ? params : input
}

/** As W3C Trace Context has it: a version other than ff, and ids that are not all zeros. */
const traceparentForm = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const maxTracestateLength = 512

/** What the sender has said of its trace; anything else is as good as nothing (TC-1). */
function traceOf(options: unknown): TraceContext | undefined {
  const { trace } = Object(options) as { readonly trace?: unknown }
  const { traceparent, tracestate } = Object(trace) as Partial<Record<keyof TraceContext, unknown>>
  if (typeof traceparent !== 'string' || !traceparentForm.test(traceparent)) return undefined
  const isState = typeof tracestate === 'string' && tracestate.length <= maxTracestateLength
  return isState ? { traceparent, tracestate } : { traceparent }
}

/** Own properties of both. One that is an instance of a class stays one, so that its methods are there. */
function joined(ctx: object, more: object): object {
  const prototype = Object.getPrototypeOf(ctx) as object | null
  if (prototype === Object.prototype || prototype === null) return { ...ctx, ...more }
  const own = { ...Object.getOwnPropertyDescriptors(ctx), ...Object.getOwnPropertyDescriptors({ ...more }) }
  return Object.create(prototype, own) as object // and not assigned: the class may have a getter of the name
}
