import { Agent, createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { askFault, type ChooseFault } from './frame-faults.ts'
import { HttpFaults } from './http-faults.ts'
import { WebSocketFaults } from './web-socket-faults.ts'

/**
 * A proxy between clients and their server that knows what it carries: WebSocket messages, and the requests and
 * responses of Typewire over HTTP. A function of the test's decides on each. `FaultLink` knows bytes alone.
 */
export interface FrameFaultLink extends AsyncDisposable {
  readonly port: number
}

/** Starts one before a port of this machine. */
export async function openFrameFaultLink(targetPort: number, choose: ChooseFault): Promise<FrameFaultLink> {
  const sockets = new Set<Socket>()
  const ask = askFault(choose)
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  const agent = new Agent({ keepAlive: true })
  const http = new HttpFaults({ host: '127.0.0.1', port: targetPort, agent }, ask)
  const webSockets = new WebSocketFaults(targetPort, ask, keep)
  const server = createServer((request, response) => void http.exchange(request, response))
  server.on('upgrade', (request, near: Socket, head) => void webSockets.carry(request, near, head))
  server.on('connection', keep)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve))
      sockets.forEach((socket) => socket.destroy())
      agent.destroy()
      await closed
    },
  }
}
