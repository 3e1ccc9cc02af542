// What was published in the storm, and what is wrong with what a member has heard of it.

import type { Kept } from './storm-broker.ts'
import { keyOf, kindOf } from './storm-contract.ts'
import type { Visit, Visitor } from './storm-visitor.ts'

export class Truth {
  /** By text: what the brokers have kept, in their order. */
  readonly kept = new Map<string, Kept>()
  /** By text: who is not to hear it. */
  readonly excepted = new Map<string, Visitor>()

  /** By channel, epoch and offset: the texts. Of the end, when nothing more is published. */
  #texts(): ReadonlyMap<string, string> {
    return new Map(
      Array.from(this.kept, ([text, { channel, epoch, offset }]) => [placeOf(channel, epoch, offset), text]),
    )
  }

  faults(visitors: readonly Visitor[]): string[] {
    const texts = this.#texts()
    return visitors.flatMap((visitor) =>
      visitor.visits.flatMap((visit) => [
        ...this.#faultsOfAny(visitor, visit),
        ...(kindOf(visit.room) === 'hall' ? [] : this.#holes(visitor, visit, texts)),
      ]),
    )
  }

  /**
   * Of rooms with a history and without: those of one speaker come in order, each once, and what is not for it does not. A
   * hall has no offsets by which to know again what a node that is behind tells after a lost session (HI-7).
   */
  #faultsOfAny(visitor: Visitor, { room, heard }: Visit): string[] {
    const last = new Map<string, number>()
    return heard.flatMap((text) => {
      if (text === undefined) {
        if (kindOf(room) === 'hall') last.clear()
        return []
      }
      const [where, speaker, number] = text.split(' ') as [string, string, string]
      const before = last.get(speaker) ?? 0
      last.set(speaker, Number(number))
      if (where !== `${room}`) return [`in ${room}: ${text}`]
      if (Number(number) <= before) return [`out of order: ${text} behind ${before}`]
      return this.excepted.get(text) === visitor ? [`not for ${visitor.name}: ${text}`] : []
    })
  }

  /**
   * Offsets rise, and each that is left out was not for it, or it was told. Another epoch is told as well. A café keeps all
   * of its epoch: there is nothing to tell.
   */
  #holes(visitor: Visitor, { room, heard }: Visit, texts: ReadonlyMap<string, string>): string[] {
    const faults: string[] = []
    let last: Kept | undefined
    let isTold = false
    for (const text of heard) {
      if (text === undefined) {
        isTold = true
        continue
      }
      const next = this.kept.get(text)
      if (next?.channel !== keyOf(room)) {
        faults.push(`never published: ${text}`)
        continue
      }
      const where = `${visitor.name} in ${keyOf(room)}: ${next.offset} of ${next.epoch}`
      if (last && next.epoch !== last.epoch && !isTold) faults.push(`${where}: another epoch, untold`)
      if (last && next.epoch === last.epoch && isTold && kindOf(room) === 'cafe') faults.push(`${where}: all was kept`)
      if (last && next.epoch === last.epoch && next.offset <= last.offset)
        faults.push(`${where}: behind ${last.offset}`)
      if (last && next.epoch === last.epoch && !isTold) {
        for (let offset = last.offset + 1; offset < next.offset; offset++) {
          const left = texts.get(placeOf(next.channel, next.epoch, offset))
          if (!left || this.excepted.get(left) !== visitor) faults.push(`${where}: without ${offset}`)
        }
      }
      last = next
      isTold = false
    }
    return faults
  }
}

const placeOf = (channel: string, epoch: string, offset: number) => `${channel} ${epoch} ${offset}`
