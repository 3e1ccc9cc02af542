import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy between a client and a server, whose links a test can hold and cut. */
export interface TcpLink extends AsyncDisposable {
  readonly port: number
  /** Ends every link at once, without a word. What was on its way is lost. */
  readonly cut: () => void
  /** Links carry nothing and new ones are not taken further, as where a network is silent, until `flow`. */
  readonly hold: () => void
  readonly flow: () => void
  /** New links are refused until `accept`. */
  readonly refuse: () => void
  readonly accept: () => void
  /** How many links there have been. */
  readonly count: () => number
}

/** Starts a proxy to a port of this machine. */
export async function openTcpLink(targetPort: number): Promise<TcpLink> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let isHeld = false
  let isRefusing = false
  let links = 0

  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (isRefusing) return void near.destroy()
    links++
    const far = connect(targetPort, '127.0.0.1')
    const pair = [near, far] as const
    pairs.add(pair)
    join(near, far)
    join(far, near)
    near.resume()
    if (isHeld) pause(pair)
  })

  function join(from: Socket, to: Socket): void {
    from.on('data', (data) => void to.write(data))
    from.on('error', () => {})
    from.on('close', () => to.destroy())
    from.on('end', () => to.end())
    from.on('close', () => {
      for (const pair of pairs) if (pair.includes(from)) pairs.delete(pair)
    })
  }

  const pause = (pair: readonly [Socket, Socket]) => pair.forEach((socket) => socket.pause())
  const cut = () => pairs.forEach((pair) => pair.forEach((socket) => socket.destroy()))

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    hold() {
      isHeld = true
      pairs.forEach(pause)
    },
    flow() {
      isHeld = false
      pairs.forEach((pair) => pair.forEach((socket) => socket.resume()))
    },
    refuse: () => void (isRefusing = true),
    accept: () => void (isRefusing = false),
    count: () => links,
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
