import { createServer } from 'node:http'

/** A server of Node's on a free port of 127.0.0.1, for the peers that are attached to one. */
export async function listen(server = createServer()) {
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined))
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('It listens on no port.')
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { server, port: address.port, close }
}
