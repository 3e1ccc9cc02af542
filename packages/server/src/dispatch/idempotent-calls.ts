import { createHash } from 'node:crypto'
import {
  type CallFrame,
  type EncodedPayload,
  type ErrorFrameOptions,
  isCount,
  isPromiseLike,
  Reply,
} from '@typewire/core/internal'
import type { Access } from '../access.ts'
import type { Sent } from '../compile.ts'
import type { ServerNode } from '../node.ts'
import { type Outcome, packOutcome, unpackOutcome } from './kept-outcome.ts'
import { runHandler, type Task } from './run-handler.ts'

/** A call of a procedure that is declared idempotent. */
export interface IdempotentCall {
  readonly access: Access
  readonly reply: Reply
  readonly frame: CallFrame
  /** Those that the procedure declares. */
  readonly errors: ReadonlyMap<string, Sent>
  /** What is to be run, for an answer that may go elsewhere than to `reply`. */
  readonly taskFor: (reply: Reply) => Task
}

/**
 * How much longer an outcome is kept than a session without a connection, in milliseconds. A client knows after the
 * `windowMs` of its session that it is lost, and then has to come back: it waits up to 30 s by chance, connects, and is
 * authenticated.
 */
export const keptBeyondWindowMs = 60_000

/** The id under which a call was first sent, where it is offered again (CA-10). One of another type is none (FR-6). */
export function againOf(options: CallFrame[3]): number | undefined {
  const again = options === 0 ? undefined : options.again
  return isCount(again) && again > 0 ? again : undefined
}

/**
 * Runs the calls that may run again, keeps what they were answered, and answers their repetitions with it (CA-12). What
 * runs on this node is waited for; on another one it may run beside.
 */
export class IdempotentCalls {
  readonly #node: ServerNode
  readonly #runs = new Map<string, Run>()

  constructor(node: ServerNode) {
    this.#node = node
  }

  call(call: IdempotentCall): void {
    const { access, frame } = call
    const again = againOf(frame[3])
    const key = keyOf(access, frame[2], again ?? frame[1])
    const running = again === undefined ? undefined : this.#runs.get(key)
    if (running) return running.add(call)
    const run: Run = new Run(this.#node, key, () => {
      if (this.#runs.get(key) === run) this.#runs.delete(key)
    })
    this.#runs.set(key, run)
    run.add(call)
    if (again === undefined) run.start()
    else run.look()
  }
}

/** The same for all that a client sends of one call, and for nobody else's. Hashed, as an identity may be of any length. */
function keyOf({ identity, session }: Access, name: string, firstId: number): string {
  const call = JSON.stringify([identity, name, session.instance, firstId])
  return createHash('sha256').update(call).digest('base64url')
}

/** One run of a call, and whoever waits for its outcome: who asked first, and who has asked again meanwhile. */
class Run {
  readonly #node: ServerNode
  readonly #key: string
  readonly #onOver: () => void
  readonly #waiting = new Set<IdempotentCall>()
  /** What the handler that runs answers to. None while the broker is asked. */
  #reply: RunReply | undefined
  #isOver = false

  constructor(node: ServerNode, key: string, onOver: () => void) {
    this.#node = node
    this.#key = key
    this.#onOver = onOver
  }

  add(call: IdempotentCall): void {
    this.#waiting.add(call)
    // A reply cancels its limit when it is settled, by whomever: by the end of its session, too.
    call.reply.limit({ cancel: () => this.#leave(call) })
  }

  /** Answers with what is kept, or runs. A broker that fails has nothing: running it again does no harm. */
  look(): void {
    const kept = this.#node.bus.result(this.#key)
    if (!isPromiseLike(kept)) return this.#onLooked(kept)
    kept.then(
      (text) => this.#onLooked(text),
      (error: unknown) => {
        this.#node.incidents.report(error, 'broker: result')
        this.#onLooked(undefined)
      },
    )
  }

  #onLooked(kept: string | undefined): void {
    if (kept === undefined) this.start()
    else this.#tell(unpackOutcome(kept))
  }

  /** Runs for the first who waits. */
  start(): void {
    const [call] = this.#waiting
    if (!call) return this.#end()
    const reply = new RunReply(call, (outcome) => this.#onOutcome(call, outcome))
    this.#reply = reply
    const task = call.taskFor(reply)
    const handle: Task['handle'] = (input, time) => {
      if (reply.isStopped) throw reply.abortReason! // while its input was read: it need not begin
      return task.handle(input, time)
    }
    void Promise.resolve(runHandler(this.#node, { ...task, handle })).then(() => {
      // It was told to stop, and has: for who has asked again since then it is run anew.
      if (!this.#isOver) this.start()
    })
  }

  #onOutcome({ errors }: IdempotentCall, outcome: Outcome): void {
    const { code } = outcome
    if (code === undefined || errors.has(code)) this.#keep(outcome)
    else if (this.#reply!.isStopped && code !== 'TIMED_OUT') return // it has failed because it was told to stop
    this.#tell(outcome)
  }

  #keep(outcome: Outcome): void {
    const packed = packOutcome(outcome)
    if (packed === undefined) return
    this.#node.bus.keepResult(this.#key, packed, this.#node.settings.resume.windowMs + keptBeyondWindowMs)
  }

  #tell({ code, message = '', options, payload }: Outcome): void {
    this.#end()
    for (const { reply } of [...this.#waiting]) {
      if (code === undefined) reply.result(payload)
      else reply.error(code, message, options, payload)
    }
  }

  #end(): void {
    this.#isOver = true
    this.#onOver()
  }

  /** One does not wait any more. With the last the handler is told to stop (CA-5, CA-6); what it answers is kept. */
  #leave(call: IdempotentCall): void {
    this.#waiting.delete(call)
    const reason = call.reply.abortReason
    if (!this.#isOver && this.#waiting.size === 0 && reason) this.#reply?.abort(reason)
  }
}

/** What the handler of a run answers to, in place of a session. It takes an answer also when nobody waits. */
class RunReply extends Reply {
  readonly #onOutcome: (outcome: Outcome) => void
  #isStopped = false

  constructor({ access, reply }: IdempotentCall, onOutcome: (outcome: Outcome) => void) {
    super(reply.id, access.session.wire, { onSettled: () => {} })
    this.#onOutcome = onOutcome
  }

  /** Everybody who waited has gone, so that it was told to stop. */
  get isStopped(): boolean {
    return this.#isStopped
  }

  override result(payload: EncodedPayload): void {
    this.#take({ payload })
  }

  override error(
    code: string,
    message: string,
    options: ErrorFrameOptions | 0 = 0,
    payload: EncodedPayload = '',
  ): void {
    this.#take({ code, message, options, payload })
  }

  override abort(reason: Error): void {
    if (this.isSettled) return
    this.#isStopped = true
    this.stop(reason)
  }

  #take(outcome: Outcome): void {
    if (this.isSettled) return
    this.settle()
    this.#onOutcome(outcome)
  }
}
