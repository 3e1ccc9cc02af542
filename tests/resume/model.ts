// A world under seeded faults: one client, one or two servers that do not know each other's sessions, connections that
// are cut, half open, held back, repeated and raced, servers that forget everything, authentication that is slow or
// fails. Nothing moves but by the seed, so a seed that fails does so again.

import { frames } from '@typewire/core/internal'
import {
  createFakeClock,
  type Direction,
  type FakeClock,
  type MemoryLink,
  MemoryNetwork,
  seededRandom,
  turn,
} from '@typewire/testkit'
import type { PeerSession } from '../../packages/server/src/peer-session.ts'
import { sessionCost } from '../../packages/server/src/sessions.ts'
import { createTestClient, createTestServer, type TestClient, type TestServer } from './peers.ts'

export interface WorldOptions {
  readonly seed: number
  readonly nodes: 1 | 2
  readonly restarts: boolean
  /** Sessions that wait for a moment only, and buffers that overflow. */
  readonly isHarsh?: boolean
  readonly steps: number
}

/** What a world has seen, for the sums over all of them. */
export interface Tally {
  resumed: number
  lost: number
  up: number
  down: number
  stale: number
}

interface Node {
  server: TestServer
  restarts: number
}

interface Call {
  readonly n: number
  outcome: string
}

/** What a link's two sides said in its handshake. */
interface Handshake {
  attempt: number
  session: string | undefined
}

export class World {
  readonly tally: Tally = { resumed: 0, lost: 0, up: 0, down: 0, stale: 0 }
  readonly #options: WorldOptions
  readonly #random: () => number
  readonly #clock: FakeClock = createFakeClock()
  readonly #network: MemoryNetwork
  readonly #client: TestClient
  readonly #nodes: Node[]
  readonly #nodeOf = new Map<MemoryLink, Node>()
  readonly #handshakes = new Map<MemoryLink, Handshake>()
  /** The connection that each session was given last, and by which attempt. */
  readonly #owners = new Map<string, { readonly link: MemoryLink; readonly attempt: number }>()
  /** Authentications and handlers that wait for their turn. */
  readonly #waiting: (() => void)[] = []
  /** Each number that a handler ran with, and in which session. */
  readonly #ran = new Map<number, string>()
  readonly #lastRan = new Map<string, number>()
  readonly #calls: Call[] = []
  /** Each event, and how many sessions had been lost when it was emitted. */
  readonly #events: { readonly n: number; readonly lost: number }[] = []
  /** How many events each session was sent, and how many of them its client got. */
  readonly #emitted = new Map<string, number>()
  readonly #got = new Map<string, number>()
  readonly #violations: string[] = []
  /** The client's session is one that a server has welcomed, and not lost. */
  #hasSession = false
  #isFaulty = true
  #n = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.#random = seededRandom(options.seed)
    this.#network = new MemoryNetwork({
      clock: this.#clock,
      isAutomatic: false,
      accept: (link, open) => this.#nodeOf.get(link)!.server.accept(link, open),
      onSend: (link, direction, batch) => this.#watch(link, direction, batch),
    })
    this.#network.onDial = (link) => void this.#nodeOf.set(link, this.#pick(this.#nodes))
    this.#nodes = Array.from({ length: options.nodes }, () => ({ server: this.#boot(), restarts: 0 }))
    this.#client = createTestClient({
      clock: this.#clock,
      network: this.#network,
      transports: ['websocket', 'http-stream'],
      reconnect: { minDelayMs: 8, maxDelayMs: 100, upgradeDelayMs: 400, random: this.#random },
      onSessionLost: () => {
        if (this.#hasSession) this.tally.lost++
        this.#hasSession = false
      },
      onDown: (payload) => this.#onDown(payload as [string, number]),
    })
    this.#client.connection.status.subscribe(() => {
      const status = this.#client.connection.status.current
      if (status.state !== 'open') return
      this.#hasSession = true
      if (status.recovered) this.tally.resumed++
    })
  }

  /** Runs it to its end. @throws Error with the seed, when something that must hold did not. */
  async run(): Promise<Tally> {
    this.#produce()
    for (let i = 0; i < this.#options.steps; i++) {
      await this.#step()
      this.#compare()
      if (this.#violations.length > 0) break
    }
    this.#isFaulty = false
    await this.#comeToRest()
    this.#judge()
    await this.#end()
    if (this.#violations.length > 0) {
      const { seed, nodes, restarts } = this.#options
      const what = [...new Set(this.#violations)].slice(0, 5).join('; ')
      throw new Error(`seed ${seed}, ${nodes} nodes, restarts ${restarts}: ${what}`)
    }
    return this.tally
  }

  #boot(): TestServer {
    return createTestServer({
      clock: this.#clock,
      authenticate: async () => {
        if (this.#random() < 0.5) await new Promise<void>((resolve) => this.#waiting.push(resolve))
        if (this.#isFaulty && this.#random() < 0.1) throw new Error('a passing failure')
        return { identity: 'ada' }
      },
      heartbeat: { intervalMs: 800, timeoutMs: 600 },
      ...(this.#options.isHarsh
        ? { resume: { windowMs: 400, maxPerAddress: 2, maxBytes: 4_000 + 2 * sessionCost }, maxBufferBytes: 6_000 }
        : { resume: { windowMs: 100_000_000 } }),
      onError: (error) => {
        if (!/a passing failure|bytes wait for the client/.test(String(error)))
          this.#violate(`the server reports ${String(error)}`)
      },
      add: async ({ input, session }) => {
        this.#onRun(input, session.id, 'call')
        if (this.#random() < 0.3) await new Promise<void>((resolve) => this.#waiting.push(resolve))
        return input + 1
      },
      up: ({ payload, session }) => this.#onRun(payload, session.id, 'event'),
    })
  }

  async #step(): Promise<void> {
    const p = this.#random()
    if (p < 0.55) this.#deliver()
    else if (p < 0.63) this.#takeTurn()
    else if (p < 0.73) this.#produce()
    else if (p < 0.83) this.#emit()
    else if (p < 0.95) await this.#clock.advance(Math.floor(this.#random() * this.#random() * 300))
    else this.#fault()
    await turn()
  }

  #deliver(): void {
    const busy = this.#network.links.filter((link) => link.queued('up') + link.queued('down') > 0)
    const link = this.#pick(this.#random() < 0.8 ? busy.slice(-4) : busy)
    if (!link) return
    const direction = this.#random() < 0.5 ? 'up' : 'down'
    for (let i = Math.floor(this.#random() * 4); i >= 0; i--) link.deliver(direction)
  }

  #takeTurn(): void {
    const [run] = this.#waiting.splice(Math.floor(this.#random() * this.#waiting.length), 1)
    run?.()
  }

  #produce(): void {
    for (let i = Math.floor(this.#random() * 12); i >= 0; i--) {
      const n = ++this.#n
      this.tally.up++
      if (this.#random() < 0.6) {
        this.#client.up(n)
        this.#events.push({ n, lost: this.tally.lost })
        continue
      }
      const call: Call = { n, outcome: '' }
      this.#calls.push(call)
      const options = this.#isFaulty && this.#random() < 0.1 ? { timeoutMs: 200 } : {}
      this.#client.add(n, options).then(
        (result) => (call.outcome = result === n + 1 ? 'ok' : `the wrong answer ${result}`),
        (error: { code: string; outcome?: string }) => (call.outcome = error.outcome ?? error.code),
      )
    }
  }

  #emit(): void {
    const session = this.#pick(this.#nodes.flatMap(({ server }) => [...server.node.sessions.values()]))
    if (!session) return
    for (let i = Math.floor(this.#random() * 12); i >= 0; i--) {
      const k = (this.#emitted.get(session.id) ?? 0) + 1
      this.#emitted.set(session.id, k)
      this.tally.down++
      session.wire.send({ text: JSON.stringify([frames.event.kind, 0, 'down', 0, [session.id, k]]) })
    }
  }

  #fault(): void {
    const q = this.#random()
    const { links } = this.#network
    const link = this.#pick(links.filter((one) => one.isOpen('client') || one.isOpen('server')).slice(-6))
    if (!link) return
    if (q < 0.3) link.cut()
    else if (q < 0.5) link.cut('client')
    else if (q < 0.6) link.cut('server')
    else if (q < 0.7) link.drop(this.#random() < 0.5 ? 'up' : 'down')
    else if (q < 0.8) this.#nodeOf.set(this.#network.repeat(link), this.#nodeOf.get(link)!)
    else if (q < 0.9) this.#client.connection.probe()
    else if (this.#options.restarts) this.#restart(this.#pick(this.#nodes))
  }

  #restart(node: Node): void {
    if (node.restarts === 2) return
    node.restarts++
    const { server } = node
    for (const [link, its] of this.#nodeOf) if (its === node) link.cut()
    for (const session of [...server.node.sessions.values()]) session.end('the test ended it')
    node.server = this.#boot()
  }

  /** Sees what is sent: who may write where, and in which order. */
  #watch(link: MemoryLink, direction: Direction, batch: string): void {
    const sent = JSON.parse(batch) as [number, ...unknown[]][]
    let handshake = this.#handshakes.get(link)
    if (!handshake) this.#handshakes.set(link, (handshake = { attempt: 0, session: undefined }))
    for (const [kind, body] of sent) {
      if (kind === frames.hello.kind) handshake.attempt = (body as { attempt: number }).attempt
      else if (kind === frames.welcome.kind) this.#onWelcome(link, handshake, (body as { session: string }).session)
      else if (direction === 'up' && kind >= 16 && !handshake.session) this.#violate('counted before the welcome (I5)')
      else if (direction === 'down' && kind !== frames.close.kind && kind !== frames.gone.kind) {
        if (this.#owners.get(handshake.session!)?.link !== link) this.#violate('written to an old connection (I3)')
      } else if (kind === frames.close.kind && body === 4409) this.tally.stale++
    }
  }

  #onWelcome(link: MemoryLink, handshake: Handshake, session: string): void {
    const before = this.#owners.get(session)
    if (before && handshake.attempt <= before.attempt) this.#violate('an old attempt attached (I3)')
    handshake.session = session
    this.#owners.set(session, { link, attempt: handshake.attempt })
  }

  #onRun(n: number, sessionId: string, what: string): void {
    if (this.#ran.has(n)) this.#violate(`${n} ran twice (I1, I6)`)
    this.#ran.set(n, sessionId)
    const key = `${what} ${sessionId}`
    if ((this.#lastRan.get(key) ?? 0) > n) this.#violate(`${n} ran out of order (I1)`)
    this.#lastRan.set(key, n)
    const { delivering } = this.#network
    if (delivering && this.#owners.get(sessionId)?.link !== delivering) this.#violate('counted from an old link (I3)')
  }

  #onDown([sessionId, k]: [string, number]): void {
    const last = this.#got.get(sessionId) ?? 0
    if (k !== last + 1) this.#violate(`${k} came down after ${last} (I1)`)
    this.#got.set(sessionId, k)
    if (sessionId !== this.#client.sessionId()) this.#violate('an event of another session (I1)')
  }

  /** Invariant 2: what one side knows of the other is never ahead of it. */
  #compare(): void {
    const server = this.#serverSession()
    if (!server || !this.#hasSession) return
    const { session: client } = this.#client.connection
    const { wire } = server
    if (client.acknowledged > wire.received || wire.received > client.sent) this.#violate('numbers up (I2)')
    if (wire.acknowledged > client.received || client.received > wire.sent) this.#violate('numbers down (I2)')
  }

  #serverSession(): PeerSession | undefined {
    const id = this.#client.sessionId()
    if (id === undefined) return undefined
    return this.#nodes.map(({ server }) => server.node.sessions.get(id)).find((session) => session !== undefined)
  }

  async #comeToRest(): Promise<void> {
    for (let i = 0; i < 2_000 && this.#violations.length === 0; i++) {
      await this.#moveAll(25)
      if (this.#isAtRest()) return
    }
    if (this.#violations.length === 0) this.#violate('it does not come to rest')
  }

  async #moveAll(ms: number): Promise<void> {
    for (const run of this.#waiting.splice(0)) run()
    for (const link of this.#network.links.slice(-40)) {
      while (link.deliver('up'));
      while (link.deliver('down'));
    }
    await this.#clock.advance(ms)
    await turn()
  }

  #isAtRest(): boolean {
    const { connection } = this.#client
    const server = this.#serverSession()
    return (
      connection.status.current.state === 'open' &&
      this.#calls.every(({ outcome }) => outcome !== '') &&
      server !== undefined &&
      server.wire.received === connection.session.sent &&
      connection.session.received === server.wire.sent
    )
  }

  #judge(): void {
    const { lost } = this.tally
    const { nodes, restarts, isHarsh } = this.#options
    if (lost > 0 && nodes === 1 && !restarts && !isHarsh) this.#violate(`${lost} sessions lost (I4)`)
    for (const { n, outcome } of this.#calls) {
      const ran = this.#ran.has(n)
      if (outcome === 'ok' ? !ran : outcome === 'not_sent' && ran) this.#violate(`call ${n} ended ${outcome} (I6)`)
      if (!['ok', 'not_sent', 'unknown', 'TIMED_OUT'].includes(outcome)) this.#violate(`call ${n}: ${outcome}`)
    }
    for (const event of this.#events) {
      if (event.lost === lost && !this.#ran.has(event.n)) this.#violate(`event ${event.n} is lost (I1)`)
    }
    const id = this.#client.sessionId()!
    if (this.#got.get(id) !== this.#emitted.get(id)) this.#violate('events down are lost (I1)')
    // Of events that nobody waits for, `onError` tells how many may be missing: never fewer than are.
    let told = 0
    for (const error of this.#client.errors) {
      const [, count] = /(\d+) events? may not have arrived/.exec(String(error)) ?? []
      if (count === undefined) this.#violate(`the client reports ${String(error)}`)
      else told += Number(count)
    }
    const missing = this.#events.filter(({ n }) => !this.#ran.has(n)).length
    if (missing > told) this.#violate(`${missing} events are missing, and ${told} were told`)
  }

  /** Invariant 7: nothing is left of it on either side. */
  async #end(): Promise<void> {
    const closing = [this.#client.connection.close(), ...this.#nodes.map(({ server }) => server.connections.close(0))]
    for (let i = 0; i < 200; i++) await this.#moveAll(100)
    await Promise.all(closing)
    const left = [
      this.#clock.pending,
      this.#client.connection.requests.size,
      this.#client.connection.session.queuedLength,
      ...this.#nodes.map(({ server }) => server.node.sessions.size),
    ]
    if (left.some((count) => count > 0)) this.#violate(`left behind: ${left.join(', ')} (I7)`)
  }

  #violate(what: string): void {
    this.#violations.push(what)
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)] as T
  }
}
