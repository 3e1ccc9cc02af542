import { Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { textFrame } from '../../packages/server/src/transports/text-frames.ts'

type RawFrame = readonly unknown[]

/** Hears all that both ends of this process's WebSockets send, until the test is over. */
export interface WireTap {
  /** The frames that the server's ends sent. */
  readonly fromServer: () => readonly RawFrame[]
  /** The frames that the clients' ends sent. */
  readonly fromClient: () => readonly RawFrame[]
  /** The ids that one end answered more than once. Ids are of a session: this is per socket. */
  readonly answeredTwice: () => readonly unknown[]
  /** The clients' ends, in the order in which they first sent. */
  readonly clientSockets: () => readonly WebSocket[]
}

interface Sent {
  readonly socket: WebSocket | Socket
  readonly frames: readonly RawFrame[]
}

/** Begins to listen. */
export function tapWire(): WireTap {
  const fromClients: (Sent & { readonly socket: WebSocket })[] = []
  const fromServers: Sent[] = []
  const { send } = WebSocket.prototype
  WebSocket.prototype.send = function tapped(this: WebSocket, text: string, ...rest: unknown[]) {
    if (isClient(this)) fromClients.push({ socket: this, frames: JSON.parse(text) as RawFrame[] })
    Reflect.apply(send, this, [text, ...rest])
  } as typeof send
  // A server writes the frames of WebSocket itself.
  const { write } = Socket.prototype
  Socket.prototype.write = function tapped(this: Socket, chunk: unknown, ...rest: unknown[]) {
    const text = serverTextOf(chunk)
    if (text !== undefined) fromServers.push({ socket: this, frames: JSON.parse(text) as RawFrame[] })
    return Reflect.apply(write, this, [chunk, ...rest]) as boolean
  }
  onTestFinished(() => {
    WebSocket.prototype.send = send
    Socket.prototype.write = write
  })
  return {
    fromServer: () => fromServers.flatMap(({ frames }) => frames),
    fromClient: () => fromClients.flatMap(({ frames }) => frames),
    clientSockets: () => [...new Set(fromClients.map(({ socket }) => socket))],
    answeredTwice() {
      const sent: readonly Sent[] = [...fromClients, ...fromServers]
      const sockets = [...new Set(sent.map(({ socket }) => socket))]
      return sockets.flatMap((socket) => {
        const frames = sent.filter((message) => message.socket === socket).flatMap((message) => message.frames)
        const ids = frames.filter(([kind]) => kind === 18 || kind === 19).map(([, id]) => id)
        return ids.filter((id, index) => ids.indexOf(id) !== index)
      })
    },
  }
}

/** The text of a whole frame that is not masked: only those of servers are not (RFC 6455, 5.1). */
function serverTextOf(chunk: unknown): string | undefined {
  if (!Buffer.isBuffer(chunk) || chunk.length < 2 || chunk[0] !== 0x81 || chunk[1]! >= 0x80) return undefined
  const header = chunk[1]! < 126 ? 2 : chunk[1] === 126 ? 4 : 10
  const text = chunk.toString('utf8', header)
  // Masked bytes may begin like one.
  return chunk.equals(textFrame(text)) ? text : undefined
}

/** Only a client's end knows the URL that it was opened with. */
const isClient = (socket: WebSocket) => Boolean(socket.url)
