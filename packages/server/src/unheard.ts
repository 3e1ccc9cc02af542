import type { PeerSession } from './peer-session.ts'

/**
 * The sessions whose clients have said nothing in them yet. Hellos that race may open a session each, of which the client
 * uses one; it cannot close another whose welcome is held back on its way. Once the client is heard in one, those that
 * it opened no later are nobody's, and end (RS-11). What only listens says something with its first pong.
 */
export class Unheard {
  /** By client object, and as whom it was let in: nearly always one alone. */
  readonly #byClient = new Map<string, PeerSession | Set<PeerSession>>()

  add(session: PeerSession): void {
    const { client } = session
    const theirs = this.#byClient.get(client)
    if (!theirs) this.#byClient.set(client, session)
    else this.#byClient.set(client, (theirs instanceof Set ? theirs : new Set([theirs])).add(session))
  }

  remove(session: PeerSession): void {
    const { client } = session
    const theirs = this.#byClient.get(client)
    if (theirs instanceof Set) theirs.delete(session)
    if (theirs === session || (theirs instanceof Set && theirs.size === 0)) this.#byClient.delete(client)
  }

  /** The client knows this session: it has spoken in it, or come back to it. */
  onHeard(session: PeerSession): void {
    this.remove(session)
    const theirs = this.#byClient.get(session.client)
    if (!theirs) return
    for (const other of theirs instanceof Set ? [...theirs] : [theirs]) {
      // A later one may be what the client uses by now: then this word of it was long on its way.
      if (other.attempt <= session.attempt) other.close('STALE', 'RS-11: its client uses another session')
    }
  }
}
