/** How a call, a stream, an event, a join or an ack ended. */
export interface EndedFacts {
  /**
   * As it is on the wire: `send`, `admin/ban`; of a room's events `chat.typing`, of a join the room's kind, `chat`.
   * `undefined`: what was asked for is not in the contract, and clients may write what they like.
   */
  readonly name: string | undefined
  /**
   * `OK`, or the code of the error that was answered: Typewire's, or one that the procedure declares. `ABORTED`: its
   * caller gave up; `SESSION_LOST`: the session ended. Of an event that nobody waits for, what would have been answered.
   */
  readonly outcome: string
  /** From when its turn came to its end, in milliseconds, by the server's clock. */
  readonly durationMs: number
  readonly sessionId: string
  /** Who its client is in the namespace that it is of, where that has an `authenticate` of its own; else in the session. */
  readonly identity: string | null
  /** `websocket`, `http-stream`, `http-poll`; `undefined`: the client was away when it ended, or it is a caller's. */
  readonly transport: string | undefined
}

/** How a stream ended, or a call whose input is an upload. */
export interface StreamFacts extends EndedFacts {
  /** How many items the server has sent. */
  readonly itemsSent: number
  /** How many have come item by item, read or not. */
  readonly itemsReceived: number
}

/** What became of an ack that the server has asked a client for. */
export interface AckFacts extends EndedFacts {
  /** `session`: by `session.emitWithAck`; `room`: of a room, one of its members. */
  readonly by: 'session' | 'room'
}

/** How a connection ended. */
export interface ConnectionFacts {
  readonly transport: string
  readonly remoteAddress: string | undefined
  readonly durationMs: number
  /** `undefined`: it ended before it was welcomed. */
  readonly sessionId: string | undefined
  /** The close code: RFC 6455's or, from 4000 on, PROTOCOL.md's. 1006: it broke without a word. */
  readonly code: number
}

/** How a session ended. */
export interface SessionFacts {
  readonly sessionId: string
  readonly identity: string | null
  readonly durationMs: number
  /** For people: `closed by the client`, `its client did not come back in time`. */
  readonly reason: string
}

/**
 * What is told when something has ended: for logs, metrics, alarms. What they throw goes to `onError`, and changes nothing.
 * Where there is no hook, nothing is measured.
 */
export interface ServerHooks {
  /** A call of a client or of a `caller`, but for uploads. Not those to reserved names, such as `$leave`. */
  readonly onCall?: ((facts: EndedFacts) => unknown) | undefined
  /** A stream, or a call of a procedure whose input is an upload. */
  readonly onStream?: ((facts: StreamFacts) => unknown) | undefined
  /** An event of a client, to the server or into a room. */
  readonly onEvent?: ((facts: EndedFacts) => unknown) | undefined
  /** A join that a client has asked for: once it is answered. */
  readonly onJoin?: ((facts: EndedFacts) => unknown) | undefined
  /**
   * An ack that the server has asked for (`emitWithAck`), once it is answered or given up. Of a room one for each member, at
   * the node that the member is connected to; what is no ack by the contract the asking node alone finds, so here it is `OK`.
   */
  readonly onAck?: ((facts: AckFacts) => unknown) | undefined
  readonly onConnection?: ((facts: ConnectionFacts) => unknown) | undefined
  readonly onSession?: ((facts: SessionFacts) => unknown) | undefined
}
