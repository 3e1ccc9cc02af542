import type { PresenceChange, PresenceRecord, PresenceSnapshot } from '@typewire/core'
import { type Deadline, type Deadlines, MemberList } from '@typewire/core/internal'

interface Held {
  readonly record: PresenceRecord
  readonly node: string
  /** When it goes, where that is set. */
  readonly expiry: Deadline | undefined
}

interface Channel {
  readonly list: MemberList<Held>
  /** The session of each client object, by whose it is and which: another of the same takes its place. */
  readonly byClient: Map<string, string>
}

/** Who is present in the channels of a broker in memory. */
export class MemoryPresence {
  readonly #deadlines: Deadlines
  readonly #tell: (channel: string, change: PresenceChange) => void
  readonly #channels = new Map<string, Channel>()
  /** One for all channels: rises on each. */
  #version = 0

  /** `tell`: to all nodes that subscribe to the channel. */
  constructor(deadlines: Deadlines, tell: (channel: string, change: PresenceChange) => void) {
    this.#deadlines = deadlines
    this.#tell = tell
  }

  set(node: string, name: string, record: PresenceRecord): void {
    const { sessionId, identity, payload } = record
    let channel = this.#channels.get(name)
    if (!channel) this.#channels.set(name, (channel = { list: new MemberList(), byClient: new Map() }))
    const { list, byClient } = channel
    const old = byClient.get(clientOf(record))
    if (old !== undefined && list.get(old)!.record.attempt > record.attempt) return
    const before = list.get(sessionId)
    before?.expiry?.cancel()
    list.set(sessionId, identity, { record, node, expiry: undefined })
    if (old !== undefined && old !== sessionId) this.#drop(channel, old)
    else if (before?.record.payload === payload) return
    byClient.set(clientOf(record), sessionId)
    const removed = old === undefined || old === sessionId ? {} : { removed: [old] }
    this.#tell(name, { version: ++this.#version, set: record, ...removed })
  }

  remove(name: string, sessionId: string, afterMs: number): void {
    const channel = this.#channels.get(name)
    const held = channel?.list.get(sessionId)
    if (!channel || !held) return
    held.expiry?.cancel()
    if (afterMs > 0) {
      const expiry = this.#deadlines.set(afterMs, () => this.remove(name, sessionId, 0))
      return channel.list.set(sessionId, held.record.identity, { ...held, expiry })
    }
    this.#drop(channel, sessionId)
    if (channel.list.entryCount === 0) this.#channels.delete(name)
    this.#tell(name, { version: ++this.#version, removed: [sessionId] })
  }

  snapshot(name: string): PresenceSnapshot {
    const held = this.#channels.get(name)?.list.values() ?? []
    return { version: this.#version, records: Array.from(held, ({ record }) => record) }
  }

  /** A node is gone: what it has not said the end of goes when its lease is over. */
  release(node: string, leaseMs: number): void {
    for (const [name, { list }] of this.#channels) {
      const left = [...list.values()].filter((held) => held.node === node && !held.expiry)
      for (const { record } of left) this.remove(name, record.sessionId, leaseMs)
    }
  }

  #drop({ list, byClient }: Channel, sessionId: string): void {
    const held = list.get(sessionId)
    if (!held) return
    held.expiry?.cancel()
    list.delete(sessionId)
    if (byClient.get(clientOf(held.record)) === sessionId) byClient.delete(clientOf(held.record))
  }
}

const clientOf = ({ identity, instance }: PresenceRecord) => JSON.stringify([identity, instance])
