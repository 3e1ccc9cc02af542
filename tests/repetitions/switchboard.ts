import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** The address that clients know, whichever node is behind it: as behind a balancer. */
export interface Switchboard {
  readonly url: string
  /** What comes from here on goes to this port. What is connected stays where it is. */
  readonly lead: (port: number) => void
  /** Ends all connections without a word, with what is held of them. */
  readonly cut: () => void
  /** Holds what goes this way back until the next cut, or until `release`. */
  readonly hold: (way: 'up' | 'down') => void
  readonly release: () => void
  /** How much is held, in bytes. */
  readonly held: () => number
}

interface Chunk {
  readonly to: Socket
  readonly bytes: Buffer
}

/** Opens one that is closed when the test is over. */
export async function openSwitchboard(firstPort: number): Promise<Switchboard> {
  let port = firstPort
  const sockets = new Set<Socket>()
  const holding = { up: false, down: false }
  let held: Chunk[] = []
  const relay = (from: Socket, to: Socket, way: 'up' | 'down') => {
    sockets.add(from)
    from.on('data', (bytes) => {
      if (holding[way]) held.push({ to, bytes })
      else to.write(bytes)
    })
    from.on('error', () => {})
    from.on('close', () => {
      sockets.delete(from)
      to.destroy()
    })
  }
  const server = createServer({ noDelay: true }, (client) => {
    const node = connect({ port, host: '127.0.0.1', noDelay: true })
    relay(client, node, 'up')
    relay(node, client, 'down')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const release = () => {
    holding.up = holding.down = false
    for (const { to, bytes } of held.splice(0)) to.write(bytes)
  }
  const cut = () => {
    held = []
    for (const socket of [...sockets]) socket.destroy()
    holding.up = holding.down = false
  }
  onTestFinished(() => {
    cut()
    server.close()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (to) => void (port = to),
    cut,
    hold: (way) => void (holding[way] = true),
    release,
    held: () => held.reduce((sum, { bytes }) => sum + bytes.length, 0),
  }
}
