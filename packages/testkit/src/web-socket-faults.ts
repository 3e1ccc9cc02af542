import { type IncomingMessage, request as httpRequest } from 'node:http'
import type { Socket } from 'node:net'
import type { Direction } from './direction.ts'
import type { AskFault } from './frame-faults.ts'
import { firstHalf, write } from './bytes.ts'
import { WebSocketFrames } from './web-socket-frames.ts'

const route = 'websocket'

/** Carries WebSockets to a server, and what it sends back. */
export class WebSocketFaults {
  readonly #targetPort: number
  readonly #ask: AskFault
  readonly #keep: (socket: Socket) => void

  /** `keep` owns the sockets that are opened. */
  constructor(targetPort: number, ask: AskFault, keep: (socket: Socket) => void) {
    this.#targetPort = targetPort
    this.#ask = ask
    this.#keep = keep
  }

  /** Carries one, from the request for it on. `head`: what came behind the request. */
  async carry(request: IncomingMessage, near: Socket, head: Buffer): Promise<void> {
    near.on('error', () => {})
    near.setNoDelay(true)
    const fault = await this.#ask({ kind: 'upgrade', direction: 'up', route })
    if (fault === 'silence') return
    if (fault === 'cut before' || fault === 'cut within') return void near.destroy()
    if (fault === 'refuse') return void near.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n')
    const answer = await upgrade(request, this.#targetPort)
    if (!answer) return void near.destroy()
    near.write(answer.text)
    if (!answer.far || fault === 'cut after') {
      answer.far?.destroy()
      return void near.end()
    }
    this.#keep(answer.far)
    const link = new Link(near, answer.far, this.#ask)
    link.carry('up', head)
    link.carry('down', answer.head)
  }
}

/** The server's answer: its text, and where it agrees, its side of the WebSocket. */
interface UpgradeAnswer {
  readonly text: string
  readonly far: Socket | undefined
  readonly head: Buffer
}

/** Asks the server for the same. Gives nothing where no answer comes. */
function upgrade({ url, headers }: IncomingMessage, port: number): Promise<UpgradeAnswer | undefined> {
  return new Promise((resolve) => {
    const asking = httpRequest({ port, host: '127.0.0.1', path: url, headers })
    asking.once('upgrade', (answer, far: Socket, head) => resolve({ text: headOf(answer), far, head }))
    asking.once('response', (answer) => {
      answer.resume()
      resolve({ text: headOf(answer), far: undefined, head: Buffer.alloc(0) })
    })
    asking.on('error', () => resolve(undefined))
    asking.end()
  })
}

function headOf({ statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let text = `HTTP/1.1 ${statusCode} ${statusMessage}\r\n`
  for (let i = 0; i < rawHeaders.length; i += 2) text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`
  return `${text}\r\n`
}

/** Two sockets, each with what the other reads. */
class Link {
  readonly #near: Socket
  readonly #far: Socket
  readonly #ask: AskFault
  #isSilent = false

  constructor(near: Socket, far: Socket, ask: AskFault) {
    this.#near = near
    this.#far = far
    this.#ask = ask
    far.on('error', () => {})
    far.setNoDelay(true)
  }

  carry(direction: Direction, head: Buffer): void {
    const [from, to] = direction === 'up' ? [this.#near, this.#far] : [this.#far, this.#near]
    if (head.length > 0) from.unshift(head)
    this.#carry(from, to, direction).then(
      () => this.#isSilent || to.end(),
      () => this.#isSilent || to.destroy(), // it broke
    )
  }

  async #carry(from: Socket, to: Socket, direction: Direction): Promise<void> {
    const reader = new WebSocketFrames()
    for await (const chunk of from as AsyncIterable<Buffer>) {
      for (const { bytes, text } of reader.push(chunk)) {
        const fault = await this.#ask({ kind: 'message', direction, route }, text === undefined ? [] : [text])
        if (fault === 'silence') this.#isSilent = true
        if (this.#isSilent) continue // all is taken, and nothing arrives
        if (fault === 'cut before') return this.#cut()
        await write(to, fault === 'cut within' ? firstHalf(bytes) : bytes)
        if (fault === 'cut within' || fault === 'cut after') return this.#cut()
      }
    }
  }

  #cut(): void {
    this.#near.destroy()
    this.#far.destroy()
  }
}
