import type { HistoryBounds, MaybePromise, Publication } from '@typewire/core'
import { type Deadline, type Deadlines, isPromiseLike, type RequestOutcome } from '@typewire/core/internal'
import type { Bus } from './bus.ts'
import { packOutcome, type PackedOutcome, unpackOutcome } from './outcomes.ts'

/** What became of a question at one member. */
export interface Answer {
  readonly sessionId: string
  readonly outcome: RequestOutcome
}

/** How much longer than its members a node is waited for, in milliseconds: their limit says which of them are late. */
const nodeGraceMs = 1_000

interface QuestionOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** What is kept of the channel. */
  readonly history: HistoryBounds | undefined
}

interface Question {
  /** Nodes that have not answered. */
  readonly awaited: Set<string>
  /** Nodes that have: one that came to the room meanwhile is not awaited, but heard. */
  readonly answered: Set<string>
  readonly answers: Answer[]
  readonly end: () => void
}

/** What nodes say to each other of questions. */
type Message =
  | { readonly answers: readonly (readonly [sessionId: string, outcome: PackedOutcome])[]; readonly to: number }
  | { readonly withdraw: number }

/** Asks the members of a channel on all nodes, and gathers what each node's members have answered. */
export class Questions {
  readonly #bus: Bus
  readonly #deadlines: Deadlines
  readonly #open = new Map<number, Question>()
  /** Questions of other nodes that are being answered here, by node and number. */
  readonly #answering = new Map<string, AbortController>()
  #last = 0

  constructor(bus: Bus, deadlines: Deadlines) {
    this.#bus = bus
    this.#deadlines = deadlines
    bus.onMessage = (from, message) => this.#onMessage(from, JSON.parse(message) as Message)
  }

  /**
   * Publishes with a request for acks. Resolves when all nodes have answered that subscribe to the channel; one that has
   * not by a second after the limit, as it has died, has left nothing to tell.
   * @throws what `signal` aborts with, and what the broker fails with.
   */
  async ask(
    channel: string,
    publication: Publication,
    { timeoutMs, signal, history }: QuestionOptions,
  ): Promise<readonly Answer[]> {
    signal?.throwIfAborted()
    const nodes = this.#bus.subscribers(channel)
    const id = ++this.#last
    const answers: Answer[] = []
    let deadline: Deadline | undefined
    let abort = () => {}
    const awaited = new Set(isList(nodes) ? nodes : await nodes)
    signal?.throwIfAborted()
    try {
      await new Promise<void>((resolve, reject) => {
        if (awaited.size === 0) return resolve()
        this.#open.set(id, { awaited, answered: new Set(), answers, end: resolve })
        deadline = this.#deadlines.set(timeoutMs + nodeGraceMs, resolve)
        abort = () => {
          for (const node of awaited) this.#say(node, { withdraw: id })
          reject(signal?.reason as Error)
        }
        signal?.addEventListener('abort', abort, { once: true })
        const asking = { ...publication, ask: { node: this.#bus.node, id, timeoutMs } }
        const published = this.#bus.tryPublish(channel, asking, { history })
        if (isPromiseLike(published)) published.catch(reject)
      })
    } finally {
      this.#open.delete(id)
      deadline?.cancel()
      signal?.removeEventListener('abort', abort)
    }
    return answers
  }

  /** Answers a question of a node with what its members here have answered. `collect` gives up by its signal. */
  async answer(
    { node, id }: NonNullable<Publication['ask']>,
    collect: (signal: AbortSignal) => Promise<readonly Answer[]>,
  ): Promise<void> {
    const controller = new AbortController()
    const key = `${node} ${id}`
    this.#answering.set(key, controller)
    try {
      const answers = await collect(controller.signal)
      this.#say(node, { answers: answers.map(({ sessionId, outcome }) => [sessionId, packOutcome(outcome)]), to: id })
    } finally {
      this.#answering.delete(key)
    }
  }

  /** No answer comes any more: who asked gets what has come. */
  close(): void {
    for (const { end } of [...this.#open.values()]) end()
  }

  #say(node: string, message: Message): void {
    this.#bus.send(node, JSON.stringify(message))
  }

  #onMessage(from: string, message: Message): void {
    if ('withdraw' in message) return this.#answering.get(`${from} ${message.withdraw}`)?.abort()
    const question = this.#open.get(message.to)
    if (!question || question.answered.has(from)) return
    question.answered.add(from)
    question.awaited.delete(from)
    for (const [sessionId, outcome] of message.answers)
      question.answers.push({ sessionId, outcome: unpackOutcome(outcome) })
    if (question.awaited.size === 0) question.end()
  }
}

function isList(nodes: MaybePromise<readonly string[]>): nodes is readonly string[] {
  return Array.isArray(nodes)
}
