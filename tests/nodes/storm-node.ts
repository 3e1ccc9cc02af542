// A server of the storm, which listens at one port through all its restarts.

import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { createServer, type Identified, type Server } from '@typewire/server'
import type { DelayingBroker } from '@typewire/testkit'
import { type Lab, lab as contract } from '../support/contract.ts'

type LabServer = Server<Lab, Identified>

interface Life {
  readonly server: LabServer
  readonly http: HttpServer
  readonly sockets: Set<Socket>
  /** Its name at the broker. */
  readonly node: string
}

/** One of the servers; between two lives it has none. */
export class StormNode {
  readonly errors: unknown[] = []
  restarts = 0
  crashes = 0
  readonly #broker: DelayingBroker
  #port = 0
  #life: Life | undefined
  /** What crashed servers still do. */
  readonly #remains: Promise<void>[] = []

  constructor(broker: DelayingBroker) {
    this.#broker = broker
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  get server(): LabServer | undefined {
    return this.#life?.server
  }

  async start(): Promise<void> {
    const server = createServer(contract, {
      broker: this.#broker,
      heartbeat: false,
      resume: { windowMs: 60_000, maxPerIdentity: 1_000 },
      onError: (error) => void (this.#life?.server === server && this.errors.push(error)),
    })
    const node = this.#broker.nodes.at(-1)!
    const listening = server.implement({
      procedures: {
        echo: ({ input }) => input,
        carry: ({ input }) => input,
        work: ({ input }) => ({ doubled: input.n * 2 }),
        lines: ({ input }) => input.length,
        brief: () => {},
      },
      events: { note: () => {}, save: ({ payload }) => ({ saved: payload.n }) },
      rooms: {
        hall: {
          authorize: () => true,
          events: { say: ({ room, payload }) => room.emit.said(payload), vote: () => ({ count: 1 }) },
        },
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
    this.#life = { server, http, sockets, node }
  }

  /** Cuts one of its connections, without a word. */
  drop(random: () => number): void {
    const all = [...(this.#life?.sockets ?? [])]
    all[Math.floor(random() * all.length)]?.destroy()
  }

  /** Closes in order, and comes back without its sessions. */
  async restart(): Promise<void> {
    const life = this.#end()
    if (!life) return
    this.restarts++
    await life.server.close({ drainMs: 0 })
    await closeHttp(life)
    await this.start()
  }

  /** Dies, and comes back without its sessions. The broker finds out when it does. */
  async crash(): Promise<void> {
    const life = this.#end()
    if (!life) return
    this.crashes++
    this.#remains.push(this.#broker.kill(life.node))
    await closeHttp(life)
    this.#remains.push(life.server.close({ drainMs: 0 }))
    await this.start()
  }

  async close(): Promise<void> {
    const life = this.#end()
    await life?.server.close({ drainMs: 0 })
    if (life) await closeHttp(life)
    await Promise.all(this.#remains)
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
