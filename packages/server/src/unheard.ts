import type { PeerSession } from './peer-session.ts'

/**
 * The sessions whose clients have said nothing in them yet. Hellos that race may open a session each, of which the client
 * uses one; it cannot close another whose welcome is held back on its way. Once the client is heard in one, those that
 * it opened no later are nobody's, and end (RS-11). What only listens says something with its first pong.
 */
export class Unheard {
  /** By client object, and as whom it was let in. */
  readonly #byClient = new Map<string, Set<PeerSession>>()

  add(session: PeerSession): void {
    const { client } = session
    this.#byClient.set(client, (this.#byClient.get(client) ?? new Set()).add(session))
  }

  remove(session: PeerSession): void {
    const { client } = session
    const theirs = this.#byClient.get(client)
    theirs?.delete(session)
    if (theirs?.size === 0) this.#byClient.delete(client)
  }

  /** The client knows this session: it has spoken in it, or come back to it. */
  onHeard(session: PeerSession): void {
    this.remove(session)
    for (const other of [...(this.#byClient.get(session.client) ?? [])]) {
      // A later one may be what the client uses by now: then this word of it was long on its way.
      if (other.attempt <= session.attempt) other.close('STALE', 'RS-11: its client uses another session')
    }
  }
}
