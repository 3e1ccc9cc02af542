import { connect, createServer } from 'node:net'

/**
 * A way to a port on which all that is sent takes so long, in both directions. Opening it takes no time: what is told of it
 * is what goes over it.
 *
 * @param {number} port
 * @param {number} oneWayMs
 * @returns {Promise<{ port: number, close: () => void }>}
 */
export function farAway(port, oneWayMs) {
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ]) {
      from?.on('data', (chunk) => setTimeout(() => to?.writable && to.write(chunk), oneWayMs))
      from?.on('error', () => {}).on('close', () => setTimeout(() => to?.destroy(), oneWayMs))
    }
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new TypeError('It listens on no port.')
      resolve({ port: address.port, close: () => void server.close() })
    })
  })
}
