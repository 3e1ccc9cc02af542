import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createChatServer } from './chat-server.ts'
import { staticFiles } from './static-files.ts'

export interface ChatOptions {
  /** Where the built page lies. */
  readonly pageFolder: string
  /** 0 picks a free one. */
  readonly port: number
}

/**
 * Serves the page and the chat on one port.
 * @throws the error of Node's `readdir` when the page was not built, and of its `listen` (`EADDRINUSE`, …).
 */
export async function startChat({ pageFolder, port }: ChatOptions) {
  const httpServer = createServer(staticFiles(pageFolder))
  const chat = createChatServer()
  chat.attach(httpServer)
  await new Promise<void>((resolve, reject) => {
    httpServer.once('error', reject)
    httpServer.listen(port, resolve)
  })
  return {
    port: (httpServer.address() as AddressInfo).port,
    /** Takes no new connections, lets what runs finish, and resolves when the last socket has ended. */
    close: async () => {
      const closed = new Promise<void>((resolve) => httpServer.close(() => resolve()))
      await chat.close()
      // Browsers open connections ahead of their requests; such a one would be waited for until it times out.
      httpServer.closeAllConnections()
      await closed
    },
  }
}
