import { type AddressInfo, connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'

/** An address behind which each connection goes to one of several ports, by chance. Closed when the test is over. */
export async function balance(ports: () => readonly number[], random: () => number): Promise<string> {
  const server = createServer((socket) => {
    const all = ports()
    const upstream = connect(all[Math.floor(random() * all.length)]!, '127.0.0.1')
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      one.pipe(other)
      one.on('error', () => {})
      one.on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
