// The clients of a peer, in a process of their own. usage: client.mjs PEER
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { datedMessage, messageNow, nowUs } from '../messages.mjs'
import { loadPeer } from '../peers/index.mjs'
import { quantile } from '../statistics.mjs'
import { doJobs } from './do-jobs.mjs'
import { farAway } from './far-away.mjs'

const peer = await loadPeer(process.argv[2])

/** @type {import('../types.ts').ClientEnd[]} */
let connections = []
const first = () => {
  const [connection] = connections
  if (!connection) throw new Error('There is no connection.')
  return connection
}

let heard = 0
/** @type {number[]} How long each delivery took, from the server's `send` to here. */
let latenciesUs = []
/** Those of `joinInTurn` that have heard something. */
const receivers = /** @type {Set<number>} */ (new Set())
let wanted = Infinity
let onWanted = () => {}

/** @param {import('../types.ts').PlainMessage} message */
function onMessage({ sentAtUs }) {
  latenciesUs.push(nowUs() - sentAtUs)
  if (++heard === wanted) onWanted()
}

/**
 * Does it so many times, some at a time.
 *
 * @param {number} times
 * @param {number} atATime
 * @param {(index: number) => Promise<unknown>} each
 */
async function repeat(times, atATime, each) {
  let next = 0
  const work = async () => {
    while (next < times) await each(next++)
  }
  await Promise.all(Array.from({ length: Math.min(times, atATime) }, work))
}

async function closeAll() {
  const closing = connections
  connections = []
  await Promise.all(closing.map(async ({ close }) => close()))
}

/**
 * @param {number} port
 * @param {number} times
 */
async function firstResults(port, times) {
  const tookUs = []
  for (let index = 0; index < times; index++) {
    const startUs = nowUs()
    const connection = peer.connect(port)
    await Promise.all([connection.opened, connection.call(messageNow())])
    tookUs.push(nowUs() - startUs)
    await connection.close()
    await sleep(1)
  }
  return tookUs
}

const jobs = {
  /** @param {{ port: number, times: number }} options */
  async connect({ port, times }) {
    const from = connections.length
    await repeat(times, 64, (index) => {
      const connection = peer.connect(port)
      connections[from + index] = connection
      return connection.opened
    })
  },
  close: closeAll,
  /**
   * Calls one after another, over one connection.
   *
   * @param {{ times: number }} options
   */
  async roundTrips({ times }) {
    const tookUs = []
    for (let index = 0; index < times; index++) {
      const message = messageNow()
      await first().call(message)
      tookUs.push(nowUs() - message.sentAtUs)
    }
    return { p50: quantile(tookUs, 0.5), p99: quantile(tookUs, 0.99) }
  },
  /**
   * Keeps so many calls in flight over one connection.
   *
   * @param {{ inFlight: number, forMs: number, dated?: boolean }} options
   */
  async calls({ inFlight, forMs, dated = false }) {
    const { call, callDated } = first()
    const message = messageNow()
    const rich = datedMessage()
    const endMs = performance.now() + forMs
    let calls = 0
    const work = async () => {
      while (performance.now() < endMs) {
        if (!dated) {
          if ((await call(message)).id !== message.id) throw new Error('It was answered with something else.')
        } else if (!((await callDated?.(rich))?.sentAt instanceof Date)) throw new Error('What was a date is none.')
        calls++
      }
    }
    const startMs = performance.now()
    await Promise.all(Array.from({ length: inFlight }, work))
    return { calls, seconds: (performance.now() - startMs) / 1_000 }
  },
  /**
   * Each connection joins these rooms.
   *
   * @param {{ rooms: string[] }} options
   */
  async join({ rooms }) {
    const joins = connections.flatMap((connection) => rooms.map((room) => ({ room, connection })))
    await repeat(joins.length, 64, async (index) => {
      const { room = '', connection } = joins[index] ?? {}
      await connection?.join?.(room, onMessage)
    })
  },
  /**
   * Each room is joined by one connection, in turn: the `n`th of all by the connection `n` modulo their number.
   *
   * @param {{ rooms: string[], from: number }} options `from`: how many were joined before.
   */
  async joinInTurn({ rooms, from }) {
    await repeat(rooms.length, 64, async (index) => {
      const receiver = (from + index) % connections.length
      await connections[receiver]?.join?.(rooms[index] ?? '', (message) => {
        receivers.add(receiver)
        onMessage(message)
      })
    })
  },
  /** How many connections have heard something since this was last asked, of those that joined rooms in turn. */
  receivers() {
    const { size } = receivers
    receivers.clear()
    return size
  },
  /**
   * Waits until so many messages of rooms were heard since this was last asked.
   *
   * @param {{ messages: number }} options
   */
  async heard({ messages }) {
    if (heard < messages) {
      wanted = messages
      await new Promise((resolve) => (onWanted = () => resolve(undefined)))
    }
    if (heard !== messages) throw new Error(`${heard} messages were heard, not ${messages}.`)
    const result = { messages: heard, p50: quantile(latenciesUs, 0.5), p99: quantile(latenciesUs, 0.99) }
    heard = 0
    latenciesUs = []
    wanted = Infinity
    return result
  },
  /** @param {{ times: number, inOneTurn: number }} options */
  async emit({ times, inOneTurn }) {
    const { emit } = first()
    const message = messageNow()
    for (let index = 0; index < times; index++) {
      emit?.(message)
      if (index % inOneTurn === inOneTurn - 1) await turn()
    }
  },
  /** @param {{ items: number }} options */
  async stream({ items }) {
    let count = 0
    const startMs = performance.now()
    for await (const _item of (await first().stream?.(items)) ?? []) count++
    return { items: count, seconds: (performance.now() - startMs) / 1_000 }
  },
  /**
   * Opens so many connections, some at a time.
   *
   * @param {{ port: number, times: number, atATime: number }} options
   */
  async connects({ port, times, atATime }) {
    const startMs = performance.now()
    await repeat(times, atATime, (index) => {
      const connection = peer.connect(port)
      connections[index] = connection
      return connection.opened
    })
    const seconds = (performance.now() - startMs) / 1_000
    await closeAll()
    return { connects: times, seconds }
  },
  /**
   * From nothing to the result of a first call, one after another.
   *
   * @param {{ port: number, times: number }} options
   */
  async firstResults({ port, times }) {
    const tookUs = await firstResults(port, times)
    return { p50: quantile(tookUs, 0.5), p99: quantile(tookUs, 0.99) }
  },
  /**
   * The same over a long way: how often something must go there and back.
   *
   * @param {{ port: number, times: number }} options
   */
  async tripsToFirstResult({ port, times }) {
    const oneWayMs = 50
    const far = await farAway(port, oneWayMs)
    const tookUs = await firstResults(far.port, times)
    far.close()
    return quantile(tookUs, 0.5) / (2_000 * oneWayMs)
  },
}
/** @typedef {typeof jobs} ClientJobs */

doJobs(jobs)
