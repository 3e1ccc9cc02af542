import { timingSafeEqual } from 'node:crypto'
import type { Deadline } from '@typewire/core/internal'
import type { ServerNode } from './node.ts'
import { createSecret, type PeerSession } from './peer-session.ts'
import { Unheard } from './unheard.ts'

/** A session without a connection: until when it is kept, and what it costs. */
interface Detached {
  readonly expiry: Deadline
  /** Whose it was when it lost its connection: it may come back from another address. */
  readonly owners: readonly Owner[]
  /** What is kept for its client, in UTF-16 units, and what a session costs. */
  length: number
}

/** What a session costs for which nothing waits, in bytes of heap: 5.0 KB measured for 2,000 of them with Node 20, and some room. */
export const sessionCost = 6_144

/** As long as any other, and compared where there is no session of an id. */
const nobodysSecret = createSecret()

/** An identity or an address, and how many of its sessions may wait. */
interface Owner {
  readonly name: string
  readonly most: number
}

/**
 * The sessions of this server. One that has lost its connection is kept for its client to come back (RS-1), within
 * bounds: of time, of bytes in all, and of number per identity and per address. Past a bound the one that lost its
 * connection first goes first.
 */
export class Sessions {
  readonly #node: ServerNode
  readonly #byId = new Map<string, PeerSession>()
  readonly #unheard = new Unheard()
  /** In the order in which they lost their connections. */
  readonly #detached = new Map<PeerSession, Detached>()
  /** The same, by whose they are: an identity, and an address. */
  readonly #detachedBy = new Map<string, Set<PeerSession>>()
  #detachedLength = 0

  constructor(node: ServerNode) {
    this.#node = node
  }

  get size(): number {
    return this.#byId.size
  }

  /** How many of them wait for their client to come back. */
  get detachedSize(): number {
    return this.#detached.size
  }

  values(): IterableIterator<PeerSession> {
    return this.#byId.values()
  }

  get(id: string): PeerSession | undefined {
    return this.#byId.get(id)
  }

  add(session: PeerSession): void {
    this.#byId.set(session.id, session)
    this.#node.watch?.onSessionBegun(session)
    this.#unheard.add(session)
  }

  /** `why` it has ended. */
  remove(session: PeerSession, why: string): void {
    if (this.#byId.delete(session.id)) this.#node.watch?.onSessionEnded(session, why)
    this.#unheard.remove(session)
    this.#forget(session)
  }

  /** The session of this id, if the secret is its own. Takes the same time for any secret, and where there is no such id. */
  claim(id: string, secret: string): PeerSession | undefined {
    const session = this.#byId.get(id)
    const expected = Buffer.from(session?.secret ?? nobodysSecret)
    const given = Buffer.from(secret)
    return given.length === expected.length && timingSafeEqual(given, expected) ? session : undefined
  }

  /** The client knows the session: it has said something in it, or come back to it. */
  onHeard(session: PeerSession): void {
    this.#unheard.onHeard(session)
  }

  /** The session has lost its connection: it waits for its client, or ends at once where it may not. */
  onDetached(session: PeerSession): void {
    const { windowMs } = this.#node.settings.resume
    if (windowMs === 0) return session.end('its connection was lost')
    const expiry = this.#node.deadlines.set(windowMs, () => session.expire())
    const length = sessionCost + session.wire.queuedLength + session.heldLength
    const owners = this.#owners(session)
    this.#detached.set(session, { expiry, owners, length })
    this.#detachedLength += length
    for (const { name } of owners) this.#detachedBy.set(name, (this.#detachedBy.get(name) ?? new Set()).add(session))
    for (const { name, most } of owners) {
      const theirs = this.#detachedBy.get(name) ?? []
      for (const oldest of theirs) {
        if (this.#detachedBy.get(name)!.size <= most) break
        oldest.end(`more than ${most} sessions of one ${name.split(' ')[0]} waited for their clients`)
      }
    }
    this.#keepBytesWithinBounds()
  }

  /** The session has a connection again. */
  onAttached(session: PeerSession): void {
    this.#forget(session)
  }

  /** Something was queued for a client that is away. */
  onQueued(session: PeerSession, length: number): void {
    const detached = this.#detached.get(session)
    if (!detached) return
    detached.length += length
    this.#detachedLength += length
    this.#keepBytesWithinBounds()
  }

  #forget(session: PeerSession): void {
    const detached = this.#detached.get(session)
    if (!detached) return
    detached.expiry.cancel()
    this.#detachedLength -= detached.length
    this.#detached.delete(session)
    for (const { name } of detached.owners) {
      const theirs = this.#detachedBy.get(name)
      theirs?.delete(session)
      if (theirs?.size === 0) this.#detachedBy.delete(name)
    }
  }

  #owners({ identity, remoteAddress }: PeerSession): readonly Owner[] {
    const { maxPerIdentity, maxPerAddress } = this.#node.settings.resume
    return [
      ...(identity === null ? [] : [{ name: `identity ${identity}`, most: maxPerIdentity }]),
      ...(remoteAddress === undefined ? [] : [{ name: `address ${remoteAddress}`, most: maxPerAddress }]),
    ]
  }

  #keepBytesWithinBounds(): void {
    for (const oldest of this.#detached.keys()) {
      if (this.#detachedLength <= this.#node.settings.resume.maxBytes) return
      oldest.end('too much was kept for clients that are away')
    }
  }
}
