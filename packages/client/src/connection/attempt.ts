import { closeCodes, type Transport } from '@typewire/core'
import {
  type CloseFrame,
  type Deadline,
  type Frame,
  frames,
  type Hello,
  isCount,
  keepsSession,
  lengthOf,
  malformed,
  type Part,
  parseBatch,
  parseWelcome,
  ProtocolError,
  protocolVersions,
  type UnknownFrame,
  type Welcome,
} from '@typewire/core/internal'
import { connectTimeoutMs, maxBufferBytes, urlGiven } from '../options.ts'
import type { OpeningMeans, OpenTransport } from '../transports/open-transport.ts'
import { type Ending, notBegun } from './ending.ts'

/** A server that asks for a longer wait is taken to mean this long, in milliseconds: a day. */
const maxRetryAfterMs = 86_400_000

export interface AttemptEvents {
  /** What the next hello asks for: the session to come back to, if there is one, and a number above all before. */
  readonly nextHello: () => { readonly attempt: number; readonly resume: Hello['resume'] }
  /** The session that was asked for is gone; `helloAnew` asks for a new one on this connection (RS-3). */
  readonly onGone: (received: number | null) => void
  /** The server has welcomed us; the transport is the session's now. Returns the clause that the welcome breaks, if it does. */
  readonly onWelcome: (transport: Transport, welcome: Welcome) => ProtocolError | undefined
  /** A message that came after the welcome. Returns the clause that it breaks, if it does. */
  readonly onBatch: (batch: Batch, length: number, transport: Transport) => ProtocolError | undefined
  /** Something came from the server, or was taken by the network. */
  readonly onHeard: () => void
  readonly onDrain: () => void
  /** Once, welcomed or not. Nothing comes after it. */
  readonly onEnd: (ending: Ending) => void
}

export type Batch = readonly (Frame | UnknownFrame)[]

export interface AttemptOptions extends OpeningMeans {
  readonly url: string
  readonly open: OpenTransport
  /** Names the client object. */
  readonly instance: string
  readonly fingerprint: string | undefined
  /** Gives the credentials, however long that takes. */
  readonly auth: () => Promise<unknown>
  readonly onAuthError: (error: unknown) => void
}

/**
 * One connection of a client, from asking for credentials to its end: opens a transport, says hello, is welcomed in
 * time, carries messages, ends.
 */
export class Attempt {
  readonly #options: AttemptOptions
  readonly #events: AttemptEvents
  #deadline: Deadline | undefined
  /** Resolves when the transport has closed, or was never opened. */
  readonly gone: Promise<void>
  #onGone!: () => void
  #transport: Transport | undefined
  /** Encoded as a payload is: `,json` and `,annotations`, where there are any. */
  #auth = ''
  /** A hello for a new session is out: the server may have opened one. */
  #mayOpenSession = false
  #isWelcomed = false
  #asksToResume = false
  #isEnded = false

  constructor(options: AttemptOptions, events: AttemptEvents) {
    this.#options = options
    this.#events = events
    this.gone = new Promise((resolve) => {
      this.#onGone = resolve
    })
    void this.#begin()
  }

  /** Ends it from this side. */
  close(code: number, reason: string): void {
    if (this.#isEnded) return
    if (this.#isWelcomed) this.#transport?.send(JSON.stringify([[frames.close.kind, code, reason, 0]])) // CL-1
    this.#transport?.close(code, reason)
    this.#end({ code, reason, isFinal: this.#isWelcomed })
  }

  /** Says close where it can, and gives the link up: whoever leaves is told nothing, and may come back after all. */
  leave(reason: string): void {
    if (this.#isWelcomed)
      this.#transport?.send(JSON.stringify([[frames.close.kind, closeCodes.NORMAL.code, reason, 0]]))
    this.abandon(reason)
  }

  /**
   * Not needed any more. Where it may have opened a session, its answer is waited for: the welcome is closed as it
   * comes, and nothing is left behind at the server.
   */
  dismiss(reason: string): void {
    if (!this.#mayOpenSession) this.close(closeCodes.NORMAL.code, reason)
  }

  /** Asks for a new session, once the one that was asked for is gone. */
  helloAnew(): void {
    if (!this.#isEnded) this.#sendHello()
  }

  /** Gives up a link that is dead: nothing can be said on it, and the session may go on over another. */
  abandon(reason: string): void {
    if (this.#isEnded) return
    this.#transport?.close(closeCodes.SILENT.code, reason)
    this.#end({ code: closeCodes.SILENT.code, reason, isFinal: false })
  }

  /** Ends it as the server's close frame says; the transport need not be waited for (CL-1). */
  closeBy([, code, reason, options]: CloseFrame): void {
    // Not by the frame's own code and reason: they may be none that a transport can send.
    this.#transport?.close(closeCodes.NORMAL.code, '')
    const { received, retryAfterMs, url } = options === 0 ? {} : options
    const elsewhere = urlGiven(url, this.#options.url)
    this.#end({
      code,
      reason,
      isFinal: !(this.#isWelcomed && keepsSession(code)),
      ...(isCount(received) ? { received } : {}), // FR-6
      ...(elsewhere === undefined ? {} : { url: elsewhere }),
      ...(isCount(retryAfterMs) ? { retryAfterMs: Math.min(retryAfterMs, maxRetryAfterMs) } : {}),
    })
  }

  async #begin(): Promise<void> {
    try {
      this.#auth = this.#options.codec.encodeText(await this.#options.auth())
      if (this.#isEnded) return
      // From here on: who logs in by a dialog takes a while.
      this.#deadline = this.#options.deadlines.set(connectTimeoutMs, () => {
        this.close(closeCodes.HELLO_TIMEOUT.code, `not welcomed within ${connectTimeoutMs} ms`)
      })
      this.#transport = this.#options.open(
        this.#options.url,
        {
          onOpen: () => this.#sendHello(),
          onMessage: (text, parts) => this.#onMessage(text, parts),
          onViolation: (error) => this.#fail(error),
          onDrain: () => {
            this.#events.onHeard()
            this.#events.onDrain()
          },
          onClose: (code, reason) => {
            this.#onGone()
            this.#end({ code, reason, isFinal: code === closeCodes.TOO_LARGE.code })
          },
        },
        this.#options,
      )
    } catch (error) {
      this.#options.onAuthError(error)
      this.#end({ code: notBegun, reason: `auth() failed: ${String(error)}`, isFinal: false })
    }
  }

  #sendHello(): void {
    const [json, annotations] = JSON.parse(`[${this.#auth.slice(1)}]`) as readonly unknown[]
    const { fingerprint: contract } = this.#options
    const { attempt, resume } = this.#events.nextHello()
    this.#asksToResume = resume !== undefined
    this.#mayOpenSession = !resume
    const hello: Hello = {
      versions: [protocolVersions.oldest, protocolVersions.newest],
      attempt,
      instance: this.#options.instance,
      window: maxBufferBytes,
      ...(resume ? { resume } : {}),
      ...(contract === undefined ? {} : { contract }),
      ...(json === undefined ? {} : { auth: json }),
      ...(annotations === undefined ? {} : { authAnnotations: annotations }),
    }
    this.#transport?.send(JSON.stringify([[frames.hello.kind, hello]]))
  }

  #onMessage(text: string, parts?: readonly Part[]): void {
    if (this.#isEnded) return
    this.#events.onHeard()
    const batch = parseBatch(text, parts)
    const error = batch instanceof ProtocolError ? batch : this.#onBatch(batch, lengthOf({ text, parts }))
    if (error) this.#fail(error)
  }

  #fail({ close, reason }: ProtocolError): void {
    this.close(closeCodes[close].code, reason)
  }

  #onBatch(batch: Batch, length: number): ProtocolError | undefined {
    if (this.#isWelcomed) return this.#events.onBatch(batch, length, this.#transport!)
    const frame = batch[0] as Frame | undefined
    switch (frame?.[0]) {
      case frames.welcome.kind: {
        const welcome = parseWelcome(frame[1] as unknown as Record<string, unknown>)
        if (welcome instanceof ProtocolError) return welcome
        this.#isWelcomed = true
        this.#deadline?.cancel()
        const error = this.#events.onWelcome(this.#transport!, welcome)
        if (error) return error
        return batch.length > 1 ? this.#events.onBatch(batch.slice(1), length, this.#transport!) : undefined
      }
      case frames.gone.kind:
        if (!this.#asksToResume) return malformed('HS-6', 'gone answers a hello that asked for no session')
        this.#asksToResume = false
        this.#events.onGone(frame[1])
        return undefined
      case frames.close.kind:
        this.closeBy(frame)
        return undefined
      default:
        return malformed('HS-6', 'the server answered hello with neither welcome nor close')
    }
  }

  #end(ending: Ending): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#deadline?.cancel()
    if (!this.#transport) this.#onGone()
    this.#events.onEnd(ending)
  }
}
