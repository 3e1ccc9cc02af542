import { type CallOptions, type Publication, type RoomEmitOptions, TypewireError } from '@typewire/core'
import { type EncodedPayload, timedOut } from '@typewire/core/internal'
import type { OutgoingEvent } from '../compile.ts'
import { mayBeKept, publicationOf } from '../delivery.ts'
import type { ServerNode } from '../node.ts'
import { encodeEvent, type EncodedEvent, encodeSent, type SendingOf } from '../outgoing.ts'
import { withinLimit } from '../within-limit.ts'
import { unpackAnswers } from './ask-members.ts'
import { memberAck } from './member-acks.ts'

/** A room to emit to, without the sessions that it excepts. */
export interface Target {
  readonly key: string
  readonly except: readonly string[]
  /** Whatever the contract declares. */
  readonly isVolatile: boolean
}

/** How much longer the whole of it may take than the members, in milliseconds. */
const schemaGraceMs = 2_000

interface Limits {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/**
 * Emits to one room, or to several of a kind: then it is published in each, and every node sees to it that a session which
 * is in several gets it once (`Copies`). In each room it is in order with the room's other events.
 */
export class Emitter {
  readonly #node: ServerNode
  readonly #kind: string
  readonly #targets: readonly Target[]

  constructor(node: ServerNode, kind: string, targets: readonly Target[]) {
    this.#node = node
    this.#kind = kind
    this.#targets = targets
  }

  /**
   * Validated and encoded once; each node's members get one frame (RM-5).
   * @throws TypeError for a key of what no history keeps.
   */
  emit(event: OutgoingEvent, payload: unknown, { key }: RoomEmitOptions = {}): void {
    const { orders, bus } = this.#node
    const history = this.#node.historyOf(this.#kind)
    const isVolatile = this.#targets.some((target) => target.isVolatile)
    if (key !== undefined && (!history || isVolatile || event.delivery !== 'reliable')) {
      throw new TypeError(`${this.#where(event)}(payload, { key }): no history keeps it, which could remember the key.`)
    }
    const encoded = encodeEvent(event, payload, this.#sendingOf(event))
    const copies = this.#copies()
    for (const [index, target] of this.#targets.entries()) {
      const publish = (ready: EncodedEvent) => {
        const publication = narrowed(publicationOf(event, ready, target.isVolatile), target, copies)
        bus.publish(target.key, publication, mayBeKept(publication) ? { history, key } : {})
      }
      // What fails is told once.
      orders.run(target.key, encoded, publish, index === 0 ? undefined : () => {})
    }
  }

  /** In the order of each room's events, to those who are members when its turn comes. */
  async ask(event: OutgoingEvent, payload: unknown, options: CallOptions = {}): Promise<unknown> {
    const where = this.#where(event)
    const encoded = encodeSent(event, payload, this.#sendingOf(event))
    const { deadlines, settings, orders } = this.#node
    const { timeoutMs = settings.timeoutMs, signal } = options
    const copies = this.#copies()
    const asked = this.#targets.map(
      (target) =>
        new Promise<readonly unknown[]>((resolve, reject) => {
          const ask = (ready: EncodedPayload) => {
            // However it is declared: who asks for acks waits for each member.
            const question = publicationOf({ ...event, delivery: 'reliable' }, { payload: ready, key: undefined })
            resolve(this.#ask(event, target.key, narrowed(question, target, copies), { timeoutMs, signal }))
          }
          orders.run(target.key, encoded, ask, reject)
        }),
    )
    const acks = Promise.all(asked).then((lists) => lists.flat())
    // Beside the members' own limit, which says who has not answered: for a schema that never does.
    return withinLimit(acks, deadlines, timeoutMs + schemaGraceMs, () => timedOut(where, timeoutMs))
  }

  async #ask(event: OutgoingEvent, key: string, publication: Publication, limits: Limits): Promise<readonly unknown[]> {
    const where = this.#where(event)
    try {
      const history = this.#node.historyOf(this.#kind)
      const { answers } = await this.#node.questions.ask(key, publication, { ...limits, history })
      return await Promise.all(answers.flatMap(unpackAnswers).map((answer) => memberAck(event, where, answer)))
    } catch (error) {
      if (!limits.signal?.aborted) throw error
      const { reason: cause } = limits.signal
      throw new TypewireError('ABORTED', `${where}: aborted by its signal.`, { origin: where, cause })
    }
  }

  #copies(): Publication['copies'] {
    if (this.#targets.length === 1) return undefined
    return { id: `${this.#node.bus.node} ${this.#node.nextRequestId()}`, channels: this.#targets.map(({ key }) => key) }
  }

  #sendingOf(event: OutgoingEvent): SendingOf {
    return this.#node.sendingOf(this.#where(event), 'the payload')
  }

  #where({ name }: OutgoingEvent): string {
    return `${this.#kind}.${name}`
  }
}

function narrowed(publication: Publication, { except }: Target, copies: Publication['copies']): Publication {
  if (except.length === 0 && !copies) return publication
  return { ...publication, ...(except.length > 0 ? { except } : {}), ...(copies ? { copies } : {}) }
}
