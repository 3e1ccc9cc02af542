import { createClient, type TransportName } from '@typewire/client'
import { createServer } from '@typewire/server'
import type { TransportContract, TransportSetup } from '../../packages/testkit/src/suites/transport-suite.ts'

/** A server that listens for itself. */
export function overDirect(transport: TransportName): TransportSetup {
  return {
    transport,
    async listen(contract, options, handlers) {
      const server = createServer(contract, options)
      const { port } = await server.implement(handlers).listen(0, { host: '127.0.0.1' })
      return { server, port }
    },
    connect: (options) => createClient<TransportContract>({ ...options, transports: [transport] }),
  }
}
