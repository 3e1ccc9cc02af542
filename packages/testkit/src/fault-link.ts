import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Direction } from './direction.ts'

/** A TCP proxy between a client and whatever stands before its server, with the faults that networks have. */
export interface FaultLink extends AsyncDisposable {
  readonly port: number
  /** Ends every link at once, without a word. What was on its way is lost. */
  readonly cut: () => void
  /** Ends a link once so many more bytes have passed in a direction, over all links: in the middle of what they are part of. */
  readonly cutAfter: (direction: Direction, bytes: number) => void
  /**
   * Links carry nothing more, new ones neither, and nobody is told: a silent network, or in one direction a peer that
   * does not read.
   */
  readonly freeze: (direction?: Direction) => void
  /** What is frozen flows again. */
  readonly thaw: () => void
  /** New links are ended at once until `accept`. */
  readonly refuse: () => void
  readonly accept: () => void
  /** How many links there have been. */
  readonly count: () => number
  /** How many links there are. */
  readonly open: () => number
}

/** Starts a proxy to a port of this machine. */
export async function openFaultLink(targetPort: number): Promise<FaultLink> {
  const links = new Set<Link>()
  /** How many bytes may still pass before a link is cut. */
  const budgets: Record<Direction, number> = { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY }
  const frozen = new Set<Direction>()
  let isRefusing = false
  let count = 0

  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (isRefusing) return void near.destroy()
    count++
    const link = new Link(near, connect(targetPort, '127.0.0.1'), (direction, bytes) => {
      budgets[direction] -= bytes
      if (budgets[direction] >= 0) return bytes
      const passing = bytes + budgets[direction]
      budgets[direction] = Number.POSITIVE_INFINITY
      return passing
    })
    links.add(link)
    frozen.forEach((direction) => link.freeze(direction))
    near.once('close', () => links.delete(link))
  })

  const cut = () => links.forEach((link) => link.cut())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    cutAfter: (direction, bytes) => void (budgets[direction] = bytes),
    freeze(direction) {
      for (const each of direction ? [direction] : (['up', 'down'] as const)) {
        frozen.add(each)
        links.forEach((link) => link.freeze(each))
      }
    },
    thaw() {
      frozen.clear()
      links.forEach((link) => link.thaw())
    },
    refuse: () => void (isRefusing = true),
    accept: () => void (isRefusing = false),
    count: () => count,
    open: () => links.size,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Says how many of these bytes may pass; fewer cut the link. */
type Toll = (direction: Direction, bytes: number) => number

/** Two sockets, each with what the other reads; one that is not read is not read from. */
class Link {
  readonly #near: Socket
  readonly #far: Socket
  readonly #frozen = new Set<Direction>()

  constructor(near: Socket, far: Socket, toll: Toll) {
    this.#near = near
    this.#far = far
    this.#join(near, far, 'up', toll)
    this.#join(far, near, 'down', toll)
  }

  cut(): void {
    this.#near.destroy()
    this.#far.destroy()
  }

  freeze(direction: Direction): void {
    this.#frozen.add(direction)
    this.#source(direction).pause()
  }

  thaw(): void {
    for (const direction of this.#frozen) this.#source(direction).resume()
    this.#frozen.clear()
  }

  #source(direction: Direction): Socket {
    return direction === 'up' ? this.#near : this.#far
  }

  #join(from: Socket, to: Socket, direction: Direction, toll: Toll): void {
    from.setNoDelay(true)
    from.on('data', (data) => {
      const passing = toll(direction, data.length)
      if (passing < data.length) {
        to.end(data.subarray(0, passing), () => this.cut())
        return
      }
      if (to.write(data)) return
      from.pause()
      to.once('drain', () => {
        if (!this.#frozen.has(direction)) from.resume()
      })
    })
    from.on('error', () => {})
    from.on('end', () => to.end())
    from.on('close', () => {
      if (this.#frozen.size === 0) to.destroy() // a frozen link does not tell its other end
    })
    if (!this.#frozen.has(direction)) from.resume()
  }
}
