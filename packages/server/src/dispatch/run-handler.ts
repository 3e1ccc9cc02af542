import {
  type ErrorCodeEntry,
  errorCodes,
  type Issue,
  isTypewireError,
  type MaybePromise,
  type Schema,
  TypewireError,
} from '@typewire/core'
import {
  type CallFrameOptions,
  decodePayload,
  isPromiseLike,
  PayloadError,
  type Reply,
  validate,
  type Validated,
} from '@typewire/core/internal'
import type { Sent } from '../compile.ts'
import { invalidInput, type Told } from '../errors.ts'
import type { ServerNode } from '../node.ts'
import { encodeSent } from '../outgoing.ts'
import type { PeerSession } from '../peer-session.ts'
import { TimeLeft } from './handler-args.ts'

/** What is to be run: one handler, for one frame. */
export interface Task {
  readonly session: PeerSession
  readonly reply: Reply
  /** For messages: `procedure send`. */
  readonly where: string
  readonly input: Schema
  readonly payload: unknown
  readonly annotations: unknown
  readonly output: Sent
  readonly errors: ReadonlyMap<string, Sent>
  /** How long the caller waits, where it said so. */
  readonly options: CallFrameOptions | 0
  /** The time limit on this side. */
  readonly timeoutMs: number
  readonly handle: (input: unknown, time: TimeLeft) => unknown
  /** Reads the input in another way than by `input` alone. */
  readonly parse?: (() => Validated | PromiseLike<Validated>) | undefined
  /** Gives the answer in another way than by a result of `output`, from what the handler returned. */
  readonly answer?: ((returned: unknown) => Promise<void>) | undefined
  /** The time limit counts from what has come last (`Reply.renew`), unless the caller has one of its own. */
  readonly isRenewed?: boolean | undefined
  /** What the caller is told at the time limit, where there is more to tell than that it has passed. */
  readonly timedOut?: (timeoutMs: number) => Pick<Told, 'code' | 'message'> | undefined
}

/**
 * Runs a handler between its schemas and gives the one answer: input parsed (CA-7), run within its time limit (CA-8),
 * output parsed, result or error sent (CA-9). Waits only for what is a promise, and gives one only then; it never rejects.
 */
export function runHandler(node: ServerNode, task: Task): MaybePromise<void> {
  return new HandlerRun(node, task).start()
}

const done = () => {}

/** One is made for each call. What runs at once goes from step to step, without a promise and without a closure. */
class HandlerRun {
  readonly #node: ServerNode
  readonly #task: Task
  readonly #timeoutMs: number
  readonly #time: TimeLeft
  #isLimited = false

  constructor(node: ServerNode, task: Task) {
    this.#node = node
    this.#task = task
    this.#timeoutMs = timeLimit(task)
    this.#time = new TimeLeft(node.settings.clock, this.#timeoutMs)
  }

  start(): MaybePromise<void> {
    const task = this.#task
    if (task.isRenewed && !hasLimit(task)) task.reply.renew = () => this.#renew()
    try {
      const parsed = task.parse ? task.parse() : parseInput(task)
      return isPromiseLike(parsed) ? this.#later(parsed, (value) => this.#handle(value)) : this.#handle(parsed)
    } catch (error) {
      return this.#fail(error)
    }
  }

  #handle(parsed: Validated): MaybePromise<void> {
    const { reply, handle } = this.#task
    if (reply.isSettled) return
    if (parsed.issues) return refuse(this.#task, parsed.issues)
    const returned = handle(parsed.value, this.#time)
    return isPromiseLike(returned) ? this.#later(returned, (value) => this.#answer(value)) : this.#answer(returned)
  }

  #answer(returned: unknown): MaybePromise<void> {
    const { reply, answer, output, where } = this.#task
    if (answer) return this.#later(answer(returned), done)
    if (reply.isSettled) return // too late: nobody waits (CA-2)
    const encoded = encodeSent(output, returned, this.#node.sendingOf(where, 'what the handler returned'))
    return isPromiseLike(encoded) ? this.#later(encoded, (payload) => reply.result(payload)) : reply.result(encoded)
  }

  #fail(error: unknown): Promise<void> {
    const told = fail(this.#node, this.#task, error)
    this.#limitOnce()
    return told
  }

  async #later<T>(waiting: PromiseLike<T>, next: (value: T) => MaybePromise<void>): Promise<void> {
    this.#limitOnce()
    try {
      await next(await waiting)
    } catch (error) {
      await this.#fail(error)
    }
  }

  /**
   * A limit is for what is waited for: what runs to its end at once could not be ended by it. It counts from the start: what
   * has run before it waits is gone.
   */
  #limitOnce(): void {
    if (!this.#isLimited) this.#limit(this.#time.leftMs)
  }

  #limit(leftMs: number): void {
    this.#isLimited = true
    this.#task.reply.limit(this.#node.deadlines.set(leftMs, () => this.#expire()))
  }

  #renew(): void {
    this.#time.set(this.#timeoutMs)
    this.#limit(this.#timeoutMs)
  }

  #expire(): void {
    const { reply, where, session, timedOut } = this.#task
    const timeoutMs = this.#timeoutMs
    const code = 'TIMED_OUT'
    const told = timedOut?.(timeoutMs) ?? { code, message: `${where}: no answer within ${timeoutMs} ms.` }
    if (reply.isSilent) this.#node.incidents.report(new TypewireError(told.code, told.message), where, session.id)
    reply.expire(told.code, told.message, new DOMException(told.message, 'TimeoutError'))
  }
}

function parseInput({ input, payload, annotations }: Task): Validated | Promise<Validated> {
  try {
    return validate(input, decodePayload(payload, annotations))
  } catch (error) {
    if (!(error instanceof PayloadError)) throw error
    return { issues: [{ message: error.message, path: [] }] } // PL-4
  }
}

function hasLimit({ options }: Task): boolean {
  return options !== 0 && typeof options.timeoutMs === 'number'
}

/** The lesser of what this side allows and what is left of what the caller waits. */
function timeLimit({ options, timeoutMs }: Task): number {
  const asked = options === 0 ? undefined : options.timeoutMs
  return typeof asked === 'number' && asked < timeoutMs ? Math.max(0, asked) : timeoutMs
}

/** What was sent does not match: the caller is told, or, where nobody waits, the server's log. */
function refuse({ reply, where, session }: Task, issues: readonly Issue[]): void {
  const { code, message, options } = invalidInput(where, issues)
  if (reply.isSilent) session.faults.note(code, where, message)
  reply.error(code, message, options)
}

/** Answers with what a handler threw, if it may be told, else with an incident (CA-9). */
async function fail(node: ServerNode, task: Task, error: unknown): Promise<void> {
  const { session, reply, where } = task
  // A handler that stops because nobody waits any more throws its signal's reason: that is no news.
  if (reply.abortReason && error === reply.abortReason) return
  if (reply.isSettled || reply.isSilent) {
    node.incidents.report(error, where, session.id)
    return reply.error('INTERNAL', '')
  }
  try {
    if (await tell(node, task, error)) return
  } catch (failure) {
    error = failure // the error's data does not match its schema
  }
  const { code, message, options } = node.incidents.mask(error, where, session.id)
  reply.error(code, message, options)
}

/** Sends an error that was made to be told: one that the procedure declares, or one that handlers may throw. */
async function tell(node: ServerNode, { reply, where, errors }: Task, error: unknown): Promise<boolean> {
  // One with an origin came from elsewhere, through a client of this process: it is not this handler's answer.
  if (!isTypewireError(error) || error.origin !== undefined) return false
  const { code, message, data } = error
  const declared = errors.get(code)
  if (!declared && !mayBeThrown(code)) return false
  const payload = declared && (await encodeSent(declared, data, node.sendingOf(where, `the data of ${code}`)))
  reply.error(code, message, 0, payload)
  return true
}

function mayBeThrown(code: string): boolean {
  const codes: Readonly<Record<string, ErrorCodeEntry>> = errorCodes
  return Object.hasOwn(codes, code) && codes[code]?.mayBeThrown === true
}
