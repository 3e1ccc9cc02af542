// The server of a peer, in a process of its own. usage: server.mjs PEER
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { messageNow } from '../messages.mjs'
import { loadPeer } from '../peers/index.mjs'
import { doJobs } from './do-jobs.mjs'

const { serve } = await loadPeer(process.argv[2])
const server = await serve()

/** @param {string} room */
const send = (room) => server.broadcast?.(room, messageNow())

/** @param {() => boolean | Promise<boolean>} holds */
async function until(holds) {
  while (!(await holds())) await sleep(1)
}

const jobs = {
  port: () => server.port,
  /** Microseconds that the process has computed, on all of its threads. */
  cpuUs() {
    const { user, system } = process.cpuUsage()
    return user + system
  },
  async memory() {
    for (let i = 0; i < 4; i++) {
      global.gc?.()
      await sleep(20)
    }
    const { heapUsed, rss } = process.memoryUsage()
    return { heapUsed, rss }
  },
  /** @param {{ room: string, members: number }} options */
  hasMembers: ({ room, members }) => until(async () => (await server.members?.(room)) === members),
  /** @param {{ connections: number }} options */
  hasConnections: ({ connections }) => until(() => server.connections() === connections),
  connections: () => server.connections(),
  /** @param {{ events: number }} options */
  async hasReceived({ events }) {
    await until(() => (server.received?.() ?? 0) >= events)
  },
  /** @param {{ sessions: number }} options */
  hasDetached: ({ sessions }) => until(() => (server.detached?.() ?? 0) >= sessions),
  received: () => server.received?.() ?? 0,
  /**
   * Sends to these rooms in turn, one message at a time; `from`: how many were sent before.
   *
   * @param {{ rooms: string[], times: number, everyMs: number, from?: number }} options
   */
  async broadcast({ rooms, times, everyMs, from = 0 }) {
    const startMs = performance.now()
    for (let index = 0; index < times; index++) {
      send(rooms[(from + index) % rooms.length] ?? '')
      const waitMs = startMs + (index + 1) * everyMs - performance.now()
      await (waitMs > 0 ? sleep(waitMs) : turn())
    }
  },
  /**
   * Sends many in one turn.
   *
   * @param {{ room: string, times: number }} options
   */
  burst({ room, times }) {
    for (let index = 0; index < times; index++) send(room)
  },
}
/** @typedef {typeof jobs} ServerJobs */

doJobs(jobs)
