import type { CancelTimer, Clock, Transport, TransportEvents } from '@typewire/core'
import { ContainerReader, encodeContainer, type Part } from '@typewire/core/internal'
import type { Direction } from './direction.ts'

export type Side = 'client' | 'server'

/** What a dialling side is told: what any transport tells, and that it may send from here on. */
export interface DialEvents extends TransportEvents {
  readonly onOpen: () => void
}

export interface MemoryNetworkOptions {
  readonly clock: Clock
  /** A connection has reached the other side, which calls `open` to take it. Not calling it refuses it. */
  readonly accept: (link: MemoryLink, open: (events: TransportEvents) => Transport) => void
  /** Delivers by itself, in the turn after. Otherwise nothing moves until `deliver` is called. Default true. */
  readonly isAutomatic?: boolean
  /** Sees each batch before it is on its way. */
  readonly onSend?: (link: MemoryLink, direction: Direction, batch: string) => void
}

/** What travels. `open` goes up first, and comes back down when the connection is there. */
type Item =
  | { readonly type: 'open' }
  | { readonly type: 'batch'; readonly bytes: Uint8Array }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }

/** Above this a sender is told when something was taken. */
const drainBytes = 64 * 1024
/** The largest batch that is read. */
const maxBatchBytes = 64 * 1024 * 1024
/** How long an end that closes waits for the other one, in milliseconds. */
const closeTimeoutMs = 2_000
/** The link broke without a word (RFC 6455, 7.1.5). */
const linkLost = 1006

/** Connections in memory, with the real codec on the way: what a test holds back, cuts and repeats at will. */
export class MemoryNetwork {
  /** All that there have been, in the order in which they were dialled. */
  readonly links: MemoryLink[] = []
  /** The link whose batch is being handed over at the moment. */
  delivering: MemoryLink | undefined
  /** Sees each link before anything moves on it: to hold it from the start. */
  onDial: (link: MemoryLink) => void = () => {}
  readonly options: MemoryNetworkOptions

  constructor(options: MemoryNetworkOptions) {
    this.options = options
  }

  /** Opens a connection from the client's side. */
  dial(name: string, events: DialEvents): Transport {
    const link = new MemoryLink(this, name, this.links.length)
    this.links.push(link)
    this.onDial(link)
    return link.dial(events)
  }

  /** The last link that was dialled. */
  get last(): MemoryLink {
    return this.links.at(-1)!
  }

  /** Lets an attempt to connect arrive once more, as from a proxy that tries again: its hello, and then nothing. */
  repeat(link: MemoryLink): MemoryLink {
    const again = new MemoryLink(this, link.name, this.links.length)
    this.links.push(again)
    again.repeat(link)
    return again
  }
}

/** One end of a link. Orderly: what was sent before a close arrives before it. */
class End {
  events: TransportEvents | undefined
  /** It has said that it closes: it sends nothing more, but still hears what was on its way. */
  isClosing = false
  isClosed = false
  stopWaiting: CancelTimer = () => {}
  readonly reader = new ContainerReader(maxBatchBytes)
}

/** One connection in memory. Each direction is in order; a test decides when, and whether, what is sent arrives. */
export class MemoryLink {
  readonly name: string
  /** Its place among all links of the network. */
  readonly index: number
  /** Every batch that was sent on it, whether or not it arrived. */
  readonly sent: { readonly [D in Direction]: string[] } = { up: [], down: [] }
  readonly #network: MemoryNetwork
  readonly #ends: { readonly [S in Side]: End } = { client: new End(), server: new End() }
  readonly #queues: { readonly [D in Direction]: Item[] } = { up: [], down: [] }
  readonly #bytes: { [D in Direction]: number } = { up: 0, down: 0 }
  readonly #held: { [D in Direction]: 'nothing' | 'batches' | 'all' } = { up: 'nothing', down: 'nothing' }
  readonly #isLost: { [D in Direction]: boolean } = { up: false, down: false }
  readonly #isDue: { [D in Direction]: boolean } = { up: false, down: false }

  constructor(network: MemoryNetwork, name: string, index: number) {
    this.#network = network
    this.name = name
    this.index = index
  }

  /** Nothing arrives in these directions until `flow`. */
  hold(...directions: Direction[]): void {
    for (const direction of all(directions)) this.#held[direction] = 'all'
  }

  /** The same, but the connection opens: as with a proxy that takes it, and then passes nothing on. */
  holdBatches(...directions: Direction[]): void {
    for (const direction of all(directions)) this.#held[direction] = 'batches'
  }

  /** What was held back goes on. */
  flow(...directions: Direction[]): void {
    for (const direction of all(directions)) {
      this.#held[direction] = 'nothing'
      this.#deliverSoon(direction)
    }
  }

  /** What is sent from here on is lost, and neither side is told. */
  drop(...directions: Direction[]): void {
    for (const direction of all(directions)) {
      this.#isLost[direction] = true
      this.#clear(direction)
    }
  }

  /**
   * The link breaks for these sides, without a word; by default for both, and what was on its way is lost. For one side
   * alone it is half open: the other still believes in it, and gets what that side had sent.
   */
  cut(...sides: Side[]): void {
    const cut = sides.length === 0 ? (['client', 'server'] as const) : sides
    for (const side of cut) this.#clear(side === 'client' ? 'down' : 'up')
    for (const side of cut) this.#close(side, linkLost, '')
    if (this.#ends.client.isClosed && this.#ends.server.isClosed) this.drop()
  }

  /** Hands over what comes next in a direction; false where there is nothing, or it is held. */
  deliver(direction: Direction): boolean {
    const held = this.#held[direction]
    const queue = this.#queues[direction]
    if (held === 'all' || (held === 'batches' && queue[0]?.type !== 'open')) return false
    const item = queue.shift()
    if (!item) return false
    const receiver = this.#ends[direction === 'up' ? 'server' : 'client']
    if (item.type === 'open') this.#onOpen(direction)
    else if (item.type === 'close') this.#onClose(direction, item)
    else this.#onBatch(direction, item.bytes, receiver)
    return true
  }

  /** How many items are on their way. */
  queued(direction: Direction): number {
    return this.#queues[direction].length
  }

  /** Whether a side has the link still. */
  isOpen(side: Side): boolean {
    const { isClosed, events } = this.#ends[side]
    return !isClosed && events !== undefined
  }

  /** For the network: the client's end. */
  dial(events: DialEvents): Transport {
    this.#ends.client.events = events
    this.#push('up', { type: 'open' })
    return this.#transport('client')
  }

  /** For the network: an attempt that arrives once more. */
  repeat({ sent }: MemoryLink): void {
    this.#ends.client.isClosed = true
    this.#isLost.down = true
    this.#push('up', { type: 'open' })
    const [hello] = sent.up
    if (hello) this.#send('up', hello)
  }

  #transport(side: Side): Transport {
    const direction = side === 'client' ? 'up' : 'down'
    const end = this.#ends[side]
    return {
      name: this.name,
      send: (batch, parts) => {
        if (!end.isClosing && !end.isClosed) this.#send(direction, batch, parts)
      },
      bufferedBytes: () => this.#bytes[direction],
      close: (code, reason) => {
        if (end.isClosing || end.isClosed) return
        end.isClosing = true
        this.#push(direction, { type: 'close', code, reason })
        end.stopWaiting = this.#network.options.clock.after(closeTimeoutMs, () => this.#close(side, linkLost, ''))
      },
    }
  }

  #send(direction: Direction, batch: string, parts?: readonly Part[]): void {
    this.sent[direction].push(batch)
    this.#network.options.onSend?.(this, direction, batch)
    const bytes = encodeContainer(batch, parts)
    if (this.#isLost[direction]) return
    this.#bytes[direction] += bytes.length
    this.#push(direction, { type: 'batch', bytes })
  }

  #push(direction: Direction, item: Item): void {
    if (this.#isLost[direction]) return
    this.#queues[direction].push(item)
    this.#deliverSoon(direction)
  }

  #deliverSoon(direction: Direction): void {
    const { clock, isAutomatic = true } = this.#network.options
    if (!isAutomatic || this.#isDue[direction]) return
    this.#isDue[direction] = true
    clock.endOfTurn(() => {
      this.#isDue[direction] = false
      while (this.deliver(direction));
    })
  }

  #onOpen(direction: Direction): void {
    const { client, server } = this.#ends
    if (direction === 'down') {
      if (!client.isClosed && !client.isClosing) (client.events as DialEvents).onOpen()
      return
    }
    if (server.isClosed) return
    this.#network.options.accept(this, (events) => {
      server.events = events
      return this.#transport('server')
    })
    if (server.events) this.#push('down', { type: 'open' })
    else this.cut()
  }

  #onBatch(direction: Direction, bytes: Uint8Array, receiver: End): void {
    const before = this.#bytes[direction]
    this.#bytes[direction] -= bytes.length
    const sender = this.#ends[direction === 'up' ? 'client' : 'server']
    if (receiver.events && !receiver.isClosed) {
      const { delivering } = this.#network
      this.#network.delivering = this
      for (const { batch, parts } of receiver.reader.push(bytes)) receiver.events.onMessage(batch, parts)
      this.#network.delivering = delivering
    }
    if (before > drainBytes && !sender.isClosed) sender.events?.onDrain()
  }

  /** The other end closes: this one answers, and both are told. */
  #onClose(direction: Direction, { code, reason }: { readonly code: number; readonly reason: string }): void {
    const side = direction === 'up' ? 'server' : 'client'
    const end = this.#ends[side]
    if (end.isClosed) return
    const back = direction === 'up' ? 'down' : 'up'
    if (!end.isClosing) this.#push(back, { type: 'close', code, reason })
    this.#close(side, code, reason)
  }

  #close(side: Side, code: number, reason: string): void {
    const end = this.#ends[side]
    if (end.isClosed) return
    end.isClosed = true
    end.stopWaiting()
    end.events?.onClose(code, reason)
  }

  #clear(direction: Direction): void {
    this.#queues[direction].length = 0
    this.#bytes[direction] = 0
  }
}

const all = (directions: readonly Direction[]): readonly Direction[] =>
  directions.length === 0 ? ['up', 'down'] : directions
