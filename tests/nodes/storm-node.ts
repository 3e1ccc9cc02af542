// A server of the storm, which listens at one port through all its restarts.

import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Identified, type Server } from '@typewire/server'
import { type FakeClock, turn } from '@typewire/testkit'
import type { StormBroker } from './storm-broker.ts'
import { type Storm, storm } from './storm-contract.ts'

type StormServer = Server<Storm, Identified>

/** How long a session waits for its client. */
export const windowMs = 5_000
/** How many events the rooms keep. */
const archiveLimit = 8
const cafeLimit = 2_000

interface Life {
  readonly server: StormServer
  readonly http: HttpServer
  readonly sockets: Set<Socket>
  /** Its name at the broker. */
  readonly node: string
  readonly broker: StormBroker
}

/** One of the servers; between two lives it has none. */
export class StormNode {
  readonly errors: unknown[] = []
  restarts = 0
  crashes = 0
  /** What it connects to when it starts. */
  broker: StormBroker
  readonly #clock: FakeClock
  #port = 0
  #life: Life | undefined
  /** What crashed servers still do. */
  readonly #remains: Promise<void>[] = []

  constructor(broker: StormBroker, clock: FakeClock) {
    this.broker = broker
    this.#clock = clock
  }

  /** The same in all its lives. */
  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get server(): StormServer | undefined {
    return this.#life?.server
  }

  async start(): Promise<void> {
    const { broker } = this
    const server = createServer(storm, {
      broker: broker.broker,
      clock: this.#clock,
      heartbeat: false,
      resume: { windowMs, maxPerIdentity: 1_000 },
      onError: (error) => void (this.#life?.server === server && this.errors.push(error)),
    })
    const node = broker.nodes().at(-1)!
    const authorize = () => true
    const listening = server.implement({
      procedures: { echo: ({ input }) => input },
      rooms: {
        hall: { authorize },
        archive: { authorize, history: { limit: archiveLimit } },
        cafe: { authorize, history: { limit: cafeLimit } },
      },
    })
    const http = createHttpServer((_, response) => response.writeHead(503).end())
    const sockets = new Set<Socket>()
    http.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    listening.attach(http)
    await new Promise<void>((resolve) => {
      http.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (http.address() as AddressInfo).port
    this.#life = { server, http, sockets, node, broker }
  }

  /** Cuts one of its connections, without a word. */
  drop(random: () => number): void {
    const all = [...(this.#life?.sockets ?? [])]
    all[Math.floor(random() * all.length)]?.destroy()
  }

  /** What it is told waits, until the function that it returns is called. */
  holdBack(): () => void {
    return this.#life?.broker.holdBack(this.#life.node) ?? (() => {})
  }

  /** Closes in order. */
  async stop(): Promise<void> {
    const life = this.#end()
    if (!life) return
    this.restarts++
    await this.#close(life.server)
    await closeHttp(life)
  }

  /** Dies. The broker finds out when it does. */
  async die(): Promise<void> {
    const life = this.#end()
    if (!life) return
    this.crashes++
    this.#remains.push(life.broker.kill(life.node))
    await closeHttp(life)
    this.#remains.push(this.#close(life.server))
  }

  /** For good. */
  async close(): Promise<void> {
    const life = this.#end()
    if (life) await this.#close(life.server)
    if (life) await closeHttp(life)
    await Promise.all(this.#remains)
  }

  /** Its connections end one after the other, by the clock. */
  async #close(server: StormServer): Promise<void> {
    let isClosed = false
    const closed = server.close({ drainMs: 0 }).then(() => (isClosed = true))
    for (let i = 0; i < 10_000 && !isClosed; i++) {
      await this.#clock.advance(1)
      await turn()
    }
    await closed
  }

  #end(): Life | undefined {
    const life = this.#life
    this.#life = undefined
    return life
  }
}

async function closeHttp({ http, sockets }: Life): Promise<void> {
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => {
    http.close(resolve)
  })
}
