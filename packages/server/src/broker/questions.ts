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

/**
 * How often the broker is asked whether nodes that have not answered are still there, in milliseconds: often enough beside the
 * some 10 s in which it finds out that one has died, and not at all where all answer at once.
 */
const checkEveryMs = 2_000

interface QuestionOptions {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** What is kept of the channel. */
  readonly history: HistoryBounds | undefined
}

interface Question {
  readonly channel: string
  /** Nodes that have not answered. */
  readonly awaited: Set<string>
  /** Those of them that subscribe no more, and have not said since that they are about to answer. */
  readonly doubted: Set<string>
  /** Nodes that have: one that came to the room meanwhile is not awaited, but heard. */
  readonly answered: Set<string>
  readonly answers: unknown[]
  readonly end: () => void
}

/** What nodes say to each other of questions. `check`: whether one is about to answer; `still`: it is. */
type Message =
  | { readonly answer?: unknown; readonly to: number }
  | { readonly withdraw: number }
  | { readonly check: number }
  | { readonly still: number }

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
   * Publishes with a request for answers. Resolves when all nodes have answered that subscribe to the channel, but those that
   * have died or left without an answer; at the latest a second after the limit.
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
    let stopChecking = () => {}
    let abort = () => {}
    const awaited = new Set(isList(nodes) ? nodes : await nodes)
    signal?.throwIfAborted()
    try {
      await new Promise<void>((resolve, reject) => {
        if (awaited.size === 0) return resolve()
        this.#open.set(id, { channel, awaited, doubted: new Set(), answered: new Set(), answers, end: resolve })
        stopChecking = this.#keepChecking(id)
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
      stopChecking()
      deadline?.cancel()
      signal?.removeEventListener('abort', abort)
    }
    return { answers, missing: await this.#stillThere(channel, awaited) }
  }

  /** Ends the wait for nodes that have died, or have left and were never told. Returns how to stop. */
  #keepChecking(id: number): () => void {
    let deadline: Deadline | undefined
    let isOver = false
    const next = () => {
      if (!isOver) deadline = this.#deadlines.set(checkEveryMs, () => void check())
    }
    const check = async () => {
      try {
        await this.#check(id)
      } catch {
        // A broker that cannot tell now is asked again; and the question has its limit.
      }
      next()
    }
    next()
    return () => {
      isOver = true
      deadline?.cancel()
    }
  }

  /**
   * A node that does not subscribe any more may be about to answer all the same: its members were asked, and have left the
   * room since. So it is asked, and given up where it says nothing until the next time.
   */
  async #check(id: number): Promise<void> {
    const question = this.#open.get(id)
    if (!question) return
    const { channel, awaited, doubted, end } = question
    const subscribers = new Set(await this.#bus.subscribers(channel))
    for (const node of awaited) {
      if (subscribers.has(node)) doubted.delete(node)
      else if (doubted.delete(node)) awaited.delete(node)
      else {
        doubted.add(node)
        this.#say(node, { check: id })
      }
    }
    if (awaited.size === 0) end()
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
    if ('check' in message) {
      const isAnswering = this.#answering.has(`${from} ${message.check}`)
      return this.#say(from, isAnswering ? { still: message.check } : { to: message.check })
    }
    if ('still' in message) return void this.#open.get(message.still)?.doubted.delete(from)
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
