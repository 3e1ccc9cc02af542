import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lengthOf, type ReceivedParts } from '../codec/parts.ts'
import type { CountedFrame } from '../protocol/frames.ts'
import { FakeClock } from '../util/fake-clock.ts'
import { FakeTransport, readBatch } from './fake-transport.ts'
import { Session } from './session.ts'

// Two sessions over links that lose what they carry. The handshake is played as DESIGN.md has it: hello states what the
// client has received, the server attaches and states what it has received and from where it writes again, the client
// attaches. Whatever is lost, late or overtaken, each side dispatches what the other sent: in order, and each once.

/** One connection: what is on its way, in both directions. Cut, it loses it. */
interface Link {
  readonly client: FakeTransport
  readonly server: FakeTransport
  /** What the client has received, stated in its hello; until it is delivered. */
  hello: number | undefined
  welcome: { readonly received: number; readonly from: number } | undefined
  isAttachedAtServer: boolean
  isCut: boolean
}

/** One end: its session, what it was given to send, and what it has dispatched. */
class End {
  readonly clock = new FakeClock()
  readonly sent: number[] = []
  readonly dispatched: number[] = []
  readonly withdrawn = new Set<number>()
  /** Of each volatile event that came: behind which counted frame it was sent, and behind which it was dispatched. */
  readonly volatile: (readonly [sent: number, dispatched: number])[] = []
  #lastValue = 0
  readonly session: Session

  constructor() {
    this.session = new Session(
      { clock: this.clock, maxBufferBytes: Number.POSITIVE_INFINITY },
      {
        onFrame: (frame: CountedFrame) => {
          const value = Number(frame[4])
          if (frame[2] === 'v') return void this.volatile.push([value, this.session.received])
          const payload = frame[5] as ReceivedParts | undefined
          if (payload?.take(0)?.[0] !== (value % 4 === 0 ? value % 256 : undefined)) throw new Error('not its parts')
          this.dispatched.push(value)
          return undefined
        },
        onControl: () => undefined,
        onOverflow: () => {},
      },
    )
  }

  /** With a key, the newest takes the place of one that was never written (DL-4). */
  send(length: number, key?: string): void {
    const value = ++this.#lastValue
    const { sent } = this.session
    const text = `[24,0,"e",${JSON.stringify({ v: value, x: 'x'.repeat(length) })},${value}]`
    // Some have parts: their number once more.
    const parts = value % 4 === 0 ? [Uint8Array.of(value % 256)] : undefined
    const number = this.session.send({ text, parts, key })
    if (number !== this.sent.length + 1 && (!key || number <= sent)) {
      throw new Error(`frame ${value} was given the number ${number}`)
    }
    this.sent[number - 1] = value
  }

  /** What has been acknowledged: all but what is kept. */
  get acknowledged(): number {
    return this.sent.length - this.session.unseen(0).length
  }
}

class World {
  readonly client = new End()
  readonly server = new End()
  readonly links: Link[] = []
  /** What waits in each end's sockets: past the high-water mark, or nothing. */
  readonly buffered = { client: 0, server: 0 }
  readonly #window: number

  constructor(window: number) {
    this.#window = window
  }

  connect(): void {
    const [client, server] = [new FakeTransport(), new FakeTransport()]
    client.buffered = this.buffered.client
    server.buffered = this.buffered.server
    this.links.push({
      client,
      server,
      hello: this.client.session.received,
      welcome: undefined,
      isAttachedAtServer: false,
      isCut: false,
    })
  }

  /** What can be delivered next: of the last links, in each direction, where something is on its way. */
  deliverable(): (() => void)[] {
    return this.links.slice(-3).flatMap((link) => {
      const ways: (() => void)[] = []
      if (link.isCut) return ways
      if (link.hello !== undefined || link.client.messages.length > 0) ways.push(() => this.#toServer(link))
      if (link.welcome || link.server.messages.length > 0) ways.push(() => this.#toClient(link))
      return ways
    })
  }

  #toServer(link: Link): void {
    const { session } = this.server
    if (link.hello !== undefined) {
      const peerReceived = link.hello
      link.hello = undefined
      // A hello whose link was overtaken by a newer one is stale: it changes nothing.
      const isStale = this.links
        .slice(this.links.indexOf(link) + 1)
        .some(({ isAttachedAtServer }) => isAttachedAtServer)
      if (isStale) {
        link.isCut = true
        return
      }
      link.isAttachedAtServer = true
      session.attach(link.server, this.#positions(peerReceived, session.received))
      link.welcome = { received: session.received, from: this.server.acknowledged }
      return
    }
    pass(link.client, session, link.server)
  }

  #toClient(link: Link): void {
    const { session } = this.client
    if (link.welcome) {
      const { received, from } = link.welcome
      link.welcome = undefined
      session.attach(link.client, this.#positions(received, from))
      for (const older of this.links.slice(0, this.links.indexOf(link))) older.isCut = true
      return
    }
    pass(link.server, session, link.client)
  }

  #positions(peerReceived: number, peerFrom: number) {
    return { peerReceived, peerFrom, peerWindow: this.#window, peerMaxMessageBytes: 1_024 }
  }

  setBuffered(end: 'client' | 'server', bytes: number): void {
    this.buffered[end] = bytes
    for (const link of this.links) link[end].buffered = bytes
    this[end].session.flush()
  }

  /** Lets everything arrive, over a connection that holds. */
  settle(): void {
    for (const link of this.links) link.isCut = true
    this.setBuffered('client', 0)
    this.setBuffered('server', 0)
    this.connect()
    for (let next: (() => void)[] = this.deliverable(); next.length > 0; next = this.deliverable()) {
      for (const deliver of next) deliver()
      this.client.clock.endTurn()
      this.server.clock.endTurn()
    }
  }
}

/** Takes the next message of one end's transport to the other end's session. */
function pass(from: FakeTransport, to: Session, at: FakeTransport): void {
  const message = from.messages.shift()
  const parts = from.parts.shift()
  if (message === undefined) return
  const error = to.receive(readBatch(message, parts), lengthOf({ text: message, parts }), at)
  if (error) throw new Error(error.reason)
}

/** The order of what was sent, as far as it has been dispatched: all, from the first, each once. Withdrawn ones may lack. */
function expectPrefix(from: End, to: End): void {
  const expected = from.sent.slice(0, to.session.received)
  const dispatched = new Set(to.dispatched)
  expect(to.dispatched).toEqual(expected.filter((value) => !from.withdrawn.has(value) || dispatched.has(value)))
}

const ends = fc.constantFrom('client' as const, 'server' as const)
const step = <Do extends string>(name: Do) => ({ do: fc.constant(name) })
const steps = fc.oneof(
  { weight: 5, arbitrary: fc.record({ ...step('send'), end: ends, length: fc.integer({ min: 0, max: 200 }) }) },
  { weight: 2, arbitrary: fc.record({ ...step('latest'), end: ends, key: fc.constantFrom('a', 'b') }) },
  { weight: 2, arbitrary: fc.record({ ...step('volatile'), end: ends }) },
  { weight: 5, arbitrary: fc.record({ ...step('turn'), end: ends }) },
  { weight: 10, arbitrary: fc.record({ ...step('deliver'), which: fc.integer({ min: 0, max: 1e6 }) }) },
  { weight: 2, arbitrary: fc.record(step('connect')) },
  { weight: 1, arbitrary: fc.record({ ...step('cut'), back: fc.nat({ max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ ...step('withdraw'), end: ends, back: fc.nat({ max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ ...step('ping'), end: ends }) },
  { weight: 1, arbitrary: fc.record({ ...step('clog'), end: ends, isFull: fc.boolean() }) },
)

type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never

function run(world: World, next: Step): void {
  switch (next.do) {
    case 'send':
      return world[next.end].send(next.length)
    case 'latest':
      return world[next.end].send(10, next.key)
    case 'volatile': {
      const { session, sent } = world[next.end]
      return session.sendVolatile({ text: `[8,0,"v",0,${sent.length}]` })
    }
    case 'turn':
      return world[next.end].clock.endTurn()
    case 'deliver': {
      const ways = world.deliverable()
      return ways[next.which % ways.length]?.()
    }
    case 'connect':
      return world.connect()
    case 'cut': {
      const link = world.links.at(-1 - next.back)
      if (link) link.isCut = true
      return
    }
    case 'withdraw': {
      const end = world[next.end]
      const number = end.sent.length - next.back
      if (number < 1) return
      end.withdrawn.add(end.sent[number - 1]!)
      return end.session.withdraw(number)
    }
    case 'ping': {
      const { session } = world[next.end]
      return session.sendControl([4, session.sent, session.received])
    }
    case 'clog':
      return world.setBuffered(next.end, next.isFull ? 1_000_000 : 0)
  }
}

describe('Session, joined to another by links that fail', () => {
  it('dispatches what was numbered, in order, each once, and in the end all of it (SQ-1, SQ-2, SQ-3)', () => {
    fc.assert(
      fc.property(
        fc.noBias(fc.array(steps, { minLength: 50, maxLength: 300, size: 'max' })),
        fc.constantFrom(64, 1_000, 1e6),
        (script, window) => {
          const world = new World(window)
          const { client, server } = world
          const directions = [
            [client, server],
            [server, client],
          ] as const
          world.connect()
          for (const step of script) {
            run(world, step)
            for (const [one, other] of directions) {
              expectPrefix(one, other)
              for (const [sent, dispatched] of other.volatile) expect(dispatched).toBe(sent) // DL-3
              expect(one.acknowledged).toBeLessThanOrEqual(other.session.received)
              expect(other.session.received).toBeLessThanOrEqual(one.session.sent)
            }
          }
          world.settle()
          for (const [one, other] of directions) {
            expectPrefix(one, other)
            expect(other.session.received).toBe(one.sent.length)
            expect(one.session.sent).toBe(one.sent.length)
          }
        },
      ),
      { numRuns: 250 },
    )
  }, 60_000)
})
