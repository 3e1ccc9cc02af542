// What a room's messages cost, where the next ones are sent when all members have heard the last; and how long they take at
// a pace that leaves all peers some rest, the same for all.

const sizes = [10, 500, 5_000]

/**
 * @typedef {object} RoomSize
 * @property {number} members
 * @property {number} loops How often all members are waited for.
 * @property {number} inLoop How many messages are sent until then, one in each turn.
 * @property {number} paced How many are sent at a pace.
 */

/** @type {import('../types.ts').PeerScenario<{ rooms: RoomSize[] }>} */
export const fanOut = {
  name: 'fan-out',
  title: 'To the members of a room',
  needs: ['rooms'],
  over: 'websocket',
  sizes: {
    full: {
      rounds: 3,
      rooms: [
        { members: 10, loops: 100, inLoop: 50, paced: 1_000 },
        { members: 500, loops: 40, inLoop: 1, paced: 60 },
        { members: 5_000, loops: 5, inLoop: 1, paced: 20 },
      ],
    },
    quick: {
      rounds: 3,
      rooms: [
        { members: 10, loops: 4, inLoop: 50, paced: 100 },
        { members: 500, loops: 8, inLoop: 1, paced: 4 },
      ],
    },
    smoke: { rounds: 1, rooms: [{ members: 10, loops: 2, inLoop: 2, paced: 3 }] },
  },
  metrics: {
    ...metricsOf('cpu', 'server CPU per delivery'),
    ...metricsOf('p50-', 'latency p50, 10,000 a second'),
    ...metricsOf('p99-', 'latency p99'),
  },
  async measure({ client, server, port, serverCpuUs }, { rooms }) {
    /** @type {Record<string, number>} */
    const values = {}
    for (const { members, loops, inLoop, paced } of rooms) {
      const room = `of-${members}`
      const loop = async () => {
        await server.run('broadcast', { rooms: [room], times: inLoop, everyMs: 0 })
        return client.run('heard', { messages: members * inLoop })
      }
      await client.run('connect', { port, times: members })
      await client.run('join', { rooms: [room] })
      await server.run('hasMembers', { room, members })
      for (let index = 0; index < loops / 4; index++) await loop()

      const cpuUs = await serverCpuUs(async () => {
        for (let index = 0; index < loops; index++) await loop()
      })
      values[`cpu${members}`] = cpuUs / (members * inLoop * loops)

      await server.run('broadcast', { rooms: [room], times: paced, everyMs: members / 10 })
      const { p50, p99 } = await client.run('heard', { messages: members * paced })
      values[`p50-${members}`] = p50
      values[`p99-${members}`] = p99

      await client.run('close')
      await server.run('hasMembers', { room, members: 0 })
    }
    return values
  },
}

/**
 * @param {string} prefix
 * @param {string} title
 * @returns {Record<string, import('../types.ts').Metric>}
 */
function metricsOf(prefix, title) {
  return Object.fromEntries(
    sizes.map((members) => [
      `${prefix}${members}`,
      { title: `${title}, ${members.toLocaleString('en')} members`, unit: 'µs', best: 'least' },
    ]),
  )
}
