import { start } from './process/child.mjs'

/** @typedef {import('./types.ts').Lab} Lab */

/**
 * Starts the server and the clients of a peer.
 *
 * @param {import('./types.ts').Peer} peer
 * @param {readonly string[]} [nodeOptions]
 * @returns {Promise<Lab & { end: () => Promise<void> }>}
 */
export async function createLab(peer, nodeOptions = []) {
  /** @type {[Lab['server'], Lab['client']]} */
  const [server, client] = await Promise.all([
    start('server.mjs', [peer.name], nodeOptions),
    start('client.mjs', [peer.name], nodeOptions),
  ])
  // What one of them waits for may be the other, which then never comes.
  void server.died.then(client.fail)
  void client.died.then(server.fail)
  const end = async () => {
    await Promise.all([server.end(), client.end()])
  }
  const port = await server.run('port').catch(async (/** @type {unknown} */ error) => {
    await end()
    throw error
  })
  return {
    peer,
    server,
    client,
    port,
    end,
    async serverCpuUs(work) {
      const before = await server.run('cpuUs')
      await work()
      return (await server.run('cpuUs')) - before
    },
  }
}
