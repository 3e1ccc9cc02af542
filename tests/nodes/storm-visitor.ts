// A client of the storm, and what it has heard where.

import { createClient } from '@typewire/client'
import { kindOf, paramsOf, type Storm } from './storm-contract.ts'

const join = (client: ReturnType<typeof createClient<Storm>>, room: number, name: string, last: number | undefined) => {
  const kind = kindOf(room)
  if (kind === 'cafe') return client.join.cafe(paramsOf(room), { presence: name, last })
  return client.join[kind](paramsOf(room), { last })
}

/** The texts that it heard, and `undefined` where it was told that some are missed. */
type Heard = readonly (string | undefined)[]

/** From a join to a leave or an eviction. */
export interface Visit {
  readonly room: number
  readonly handle: ReturnType<typeof join>
  readonly heard: Heard
}

export class Visitor {
  readonly client
  readonly name: string
  /** Where it wants to be a member. */
  readonly now = new Map<number, Visit>()
  readonly visits: Visit[] = []
  readonly wrong: string[] = []
  /** How often it came back to a room from a lost session and had missed nothing, or had. */
  readonly cameBack = { recovered: 0, missed: 0 }

  constructor(url: string, name: string, random: () => number) {
    this.name = name
    this.client = createClient<Storm>({
      url,
      transports: ['websocket'],
      reconnect: { minDelayMs: 1, maxDelayMs: 30, random },
      onError: (error) => void this.wrong.push(String(error)),
    })
  }

  /** `last`: how many of the last events it hears first. */
  join(room: number, last?: number): void {
    if (this.now.has(room)) return
    const handle = join(this.client, room, this.name, last)
    const heard: (string | undefined)[] = []
    const visit = { room, handle, heard }
    this.now.set(room, visit)
    this.visits.push(visit)
    handle.on.said(({ text }) => void heard.push(text))
    handle.on.poll(({ text }) => {
      heard.push(text)
      return { yes: true }
    })
    handle.onMissed(() => void heard.push(undefined))
    handle.status.subscribe(() => {
      const { current } = handle.status
      if (current.state === 'joined' && current.recovered !== undefined)
        this.cameBack[current.recovered ? 'recovered' : 'missed']++
      // An eviction ends the handle.
      if ((current.state !== 'denied' && current.state !== 'left') || this.now.get(room) !== visit) return
      this.now.delete(room)
      if (current.reason.code !== 'FORBIDDEN') this.wrong.push(`${current.state}: ${current.reason.message}`)
    })
  }

  leave(room: number): void {
    const visit = this.now.get(room)
    this.now.delete(room)
    visit?.handle.leave()
  }

  /** Whether what it wants is so, as far as it knows. */
  get isAtRest(): boolean {
    const { state } = this.client.status.current
    return state === 'open' && [...this.now.values()].every(({ handle }) => handle.status.current.state === 'joined')
  }

  get sessionId(): string {
    const { current } = this.client.status
    return current.state === 'open' ? current.sessionId : 'none'
  }
}
