import { randomUUID } from 'node:crypto'
import { encodeContainer } from '@typewire/core/internal'
import { WebSocket } from 'ws'
import { withinMs } from './within.ts'

/** A frame as it stands on the wire, whatever it is. */
export type RawFrame = readonly unknown[]

/** How a connection ended, as the WebSocket has it. */
export interface RawClose {
  readonly code: number
  readonly reason: string
}

/** One end of a WebSocket that speaks by hand, right or wrong. */
export interface RawPeer {
  /** Sends one message: these frames as a batch. */
  readonly send: (...frames: unknown[]) => void
  /** Sends one text message as it is. */
  readonly sendText: (text: string) => void
  /** Sends one binary message: a container of this frame, alone, and its parts (WR-8). */
  readonly sendWithParts: (frame: RawFrame, ...parts: readonly Uint8Array[]) => void
  /** Sends one binary message as it is. */
  readonly sendBytes: (bytes: Uint8Array) => void
  /** Sends bytes as a *text* message, so that they need not be UTF-8. */
  readonly sendBytesAsText: (bytes: Uint8Array) => void
  /** Sends a ping of WebSocket itself (RFC 6455, 5.5.2), of at most 125 bytes. */
  readonly ping: (payload?: Uint8Array) => void
  /** Says hello, right but for what `overrides` says, and gives the body of the welcome. */
  readonly hello: (overrides?: Readonly<Record<string, unknown>>) => Promise<Readonly<Record<string, unknown>>>
  /**
   * The next frame that has not been read.
   * @throws Error when the connection ends before, or nothing comes in time.
   */
  readonly read: () => Promise<RawFrame>
  /** The next frame of a kind; the frames before it are dropped. @throws as `read`. */
  readonly readKind: (kind: number) => Promise<RawFrame>
  /** The frames that have come and were not read. */
  readonly unread: readonly RawFrame[]
  /** The texts of all messages that have come: of binary ones, of their batches. */
  readonly messages: readonly string[]
  /** All binary messages that have come. */
  readonly binaryMessages: readonly Uint8Array[]
  /** Resolves when the connection has ended. @throws Error when it does not in time. */
  readonly closed: () => Promise<RawClose>
  readonly isOpen: () => boolean
  /** Stops reading from the socket, so that what is sent to it fills the buffers in between. */
  readonly pause: () => void
  readonly resume: () => void
  /** Ends the connection in order. */
  readonly close: (code?: number, reason?: string) => void
  /** Cuts the connection without a word. */
  readonly cut: () => void
}

export interface RawPeerOptions {
  /** Headers of the request that opens the connection. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** How long `read`, `closed` and the opening wait before they throw, in milliseconds of real time. Default 10,000. */
  readonly waitMs?: number | undefined
}

/** The server answered the upgrade with a plain HTTP response. */
export class UpgradeRefused extends Error {
  readonly status: number
  readonly body: string

  constructor(status: number, body: string) {
    super(`The upgrade was refused: ${status} ${body}`)
    this.status = status
    this.body = body
  }
}

const defaultWaitMs = 10_000

/**
 * Opens a connection and says nothing yet.
 * @throws UpgradeRefused when the server answers with an HTTP response; Error when it cannot be reached.
 */
export async function connectRawPeer(url: string | URL, options: RawPeerOptions = {}): Promise<RawPeer> {
  const { headers = {}, waitMs = defaultWaitMs } = options
  const socket = new WebSocket(webSocketUrl(url), { headers: { ...headers }, perMessageDeflate: false })
  const peer = rawPeerOf(socket, waitMs)
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
    socket.once('unexpected-response', (_, response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () => reject(new UpgradeRefused(response.statusCode ?? 0, body)))
    })
  })
  await withinMs(waitMs, opened, () => 'The connection did not open')
  return peer
}

function webSocketUrl(given: string | URL): string {
  const url = new URL(given)
  url.protocol = url.protocol.replace('http', 'ws')
  return url.href
}

/** Takes over a socket of either side. */
export function rawPeerOf(socket: WebSocket, waitMs: number = defaultWaitMs): RawPeer {
  const unread: RawFrame[] = []
  const messages: string[] = []
  const binaryMessages: Buffer[] = []
  const waiting = new Set<() => void>()
  let end: RawClose | undefined
  const wake = () => {
    for (const run of [...waiting]) run()
  }
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) binaryMessages.push(data)
    const text = (isBinary ? data.subarray(8, 8 + data.readUInt32BE(0)) : data).toString('utf8')
    messages.push(text)
    unread.push(...(JSON.parse(text) as RawFrame[]))
    wake()
  })
  socket.on('close', (code, reason) => {
    end = { code, reason: reason.toString('utf8') }
    wake()
  })
  socket.on('error', () => {}) // 'close' follows

  /** Resolves when `look` finds what it looks for, and looks no more: what comes next is the next reader's. */
  const until = <T>(look: () => T | undefined, what: string): Promise<T> => {
    let stop = () => {}
    const found = new Promise<T>((resolve, reject) => {
      const check = () => {
        try {
          const value = look()
          if (value === undefined) return
          stop()
          resolve(value)
        } catch (error) {
          stop()
          reject(error)
        }
      }
      stop = () => void waiting.delete(check)
      waiting.add(check)
      check()
    })
    return withinMs(waitMs, found, () => `${what} did not come`).finally(stop)
  }

  const next = (what: string) => (): RawFrame | undefined => {
    const frame = unread.shift()
    if (!frame && end) throw new Error(`${what} did not come: the connection ended with ${end.code} ${end.reason}`)
    return frame
  }

  const peer: RawPeer = {
    send: (...frames) => socket.send(JSON.stringify(frames)),
    sendText: (text) => socket.send(text),
    sendWithParts: (frame, ...parts) => socket.send(encodeContainer(JSON.stringify([frame]), parts)),
    sendBytes: (bytes) => socket.send(bytes, { binary: true }),
    sendBytesAsText: (bytes) => socket.send(bytes, { binary: false }),
    ping: (payload) => socket.ping(payload),
    async hello(overrides = {}) {
      peer.send([0, { versions: [1, 1], attempt: 1, instance: randomUUID(), window: 4_194_304, ...overrides }])
      const [kind, body] = await peer.read()
      if (kind !== 1) throw new Error(`Hello was answered with ${JSON.stringify([kind, body])}`)
      return body as Readonly<Record<string, unknown>>
    },
    read: () => until(next('A frame'), 'A frame'),
    async readKind(kind) {
      for (;;) {
        const frame = await until(next(`A frame of kind ${kind}`), `A frame of kind ${kind}`)
        if (frame[0] === kind) return frame
      }
    },
    unread,
    messages,
    binaryMessages,
    closed: () => until(() => end, 'The end of the connection'),
    isOpen: () => socket.readyState === WebSocket.OPEN,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: (code, reason) => socket.close(code, reason),
    cut: () => socket.terminate(),
  }
  return peer
}
