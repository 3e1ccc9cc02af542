import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

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

/** Begins to listen. */
export function tapWire(): WireTap {
  const sent: { readonly socket: WebSocket; readonly frames: readonly RawFrame[] }[] = []
  const { send } = WebSocket.prototype
  WebSocket.prototype.send = function tapped(this: WebSocket, text: string, ...rest: unknown[]) {
    sent.push({ socket: this, frames: JSON.parse(text) as RawFrame[] })
    Reflect.apply(send, this, [text, ...rest])
  } as typeof send
  onTestFinished(() => {
    WebSocket.prototype.send = send
  })
  const by = (fromClient: boolean) => sent.filter(({ socket }) => isClient(socket) === fromClient)
  return {
    fromServer: () => by(false).flatMap(({ frames }) => frames),
    fromClient: () => by(true).flatMap(({ frames }) => frames),
    clientSockets: () => [...new Set(by(true).map(({ socket }) => socket))],
    answeredTwice() {
      const sockets = [...new Set(sent.map(({ socket }) => socket))]
      return sockets.flatMap((socket) => {
        const frames = sent.filter((message) => message.socket === socket).flatMap((message) => message.frames)
        const ids = frames.filter(([kind]) => kind === 18 || kind === 19).map(([, id]) => id)
        return ids.filter((id, index) => ids.indexOf(id) !== index)
      })
    },
  }
}

/** Only a client's end knows the URL that it was opened with. */
const isClient = (socket: WebSocket) => Boolean(socket.url)
