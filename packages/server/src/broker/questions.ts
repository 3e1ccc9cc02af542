import type { HistoryBounds, MaybePromise, Publication } from '@typewire/core'
import { type Deadline, type Deadlines, isPromiseLike } from '@typewire/core/internal'
import type { Bus } from './bus.ts'

/** What nodes have answered to a question. */
export interface Gathered {
  /** One per node that had something to tell, plain JSON. */
  readonly answers: readonly unknown[]
  /** How many nodes have not answered in time, and still subscribe. */
  readonly missing: number
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
  readonly answers: unknown[]
  readonly end: () => void
}

/** What nodes say to each other of questions. */
type Message = { readonly answer?: unknown; readonly to: number } | { readonly withdraw: number }

/** Asks all nodes that subscribe to a channel, and gathers what each has answered. */
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
    // Who asks has counted on this node.
    bus.onUnheard = ({ ask }) => ask && this.#say(ask.node, { to: ask.id })
    bus.onMessage = (from, message) => this.#onMessage(from, JSON.parse(message) as Message)
  }

  /**
   * Publishes with a request for answers. Resolves when all nodes have answered that subscribe to the channel, at the latest
   * a second after the limit.
   * @throws what `signal` aborts with, and what the broker fails with.
   */
  async ask(
    channel: string,
    publication: Publication,
    { timeoutMs, signal, history }: QuestionOptions,
  ): Promise<Gathered> {
    signal?.throwIfAborted()
    const nodes = this.#bus.subscribers(channel)
    const id = ++this.#last
    const answers: unknown[] = []
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
    return { answers, missing: await this.#stillThere(channel, awaited) }
  }

  /** A node that has left the channel meanwhile has nothing to tell. */
  async #stillThere(channel: string, nodes: ReadonlySet<string>): Promise<number> {
    if (nodes.size === 0) return 0
    const subscribers = await this.#bus.subscribers(channel)
    return subscribers.filter((node) => nodes.has(node)).length
  }

  /** Answers a question of a node, with plain JSON. `collect` gives up by its signal. */
  async answer(
    { node, id }: NonNullable<Publication['ask']>,
    collect: (signal: AbortSignal) => MaybePromise<unknown>,
  ): Promise<void> {
    const controller = new AbortController()
    const key = `${node} ${id}`
    this.#answering.set(key, controller)
    try {
      const answer = await collect(controller.signal)
      this.#say(node, { answer, to: id })
    } finally {
      this.#answering.delete(key)
    }
  }

  /** Says that this node has nothing to tell, unless it is answering the very question. */
  decline({ node, id }: NonNullable<Publication['ask']>): void {
    if (!this.#answering.has(`${node} ${id}`)) this.#say(node, { to: id })
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
    if ('answer' in message) question.answers.push(message.answer)
    if (question.awaited.size === 0) question.end()
  }
}

function isList(nodes: MaybePromise<readonly string[]>): nodes is readonly string[] {
  return Array.isArray(nodes)
}
