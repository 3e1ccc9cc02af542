// What a message costs where there is much besides: a message to one of many rooms, each with one member; and one to a room
// of ten members, where many others are connected.
const clients = 100

/** @type {import('../types.ts').PeerScenario<{ rooms: number[], connections: number[], times: number }>} */
export const scale = {
  name: 'scale',
  title: 'A message among many rooms, or many connections',
  needs: ['rooms'],
  over: 'websocket',
  fresh: true,
  sizes: {
    full: { rounds: 3, rooms: [1, 10, 100, 100_000], connections: [100, 9_000], times: 10_000 },
    quick: { rounds: 1, rooms: [1, 10, 100, 2_000], connections: [100, 1_000], times: 2_000 },
    smoke: { rounds: 1, rooms: [1, 10], connections: [20], times: 20 },
  },
  metrics: {
    ...metricsOf('rooms', [1, 10, 100, 2_000, 100_000], 'rooms'),
    ...metricsOf('connections', [100, 1_000, 9_000], 'connections'),
  },
  async measure({ client, server, port, serverCpuUs }, { rooms: counts, connections, times }) {
    /** @type {Record<string, number>} */
    const values = {}
    const cpuOf = async (/** @type {string[]} */ rooms, /** @type {number} */ members) => {
      // As many as there are turns for, and then all members are waited for.
      const send = async (/** @type {number} */ all) => {
        for (let sent = 0; sent < all; sent += 500) {
          const some = Math.min(500, all - sent)
          await server.run('broadcast', { rooms, times: some, everyMs: 0 })
          await client.run('heard', { messages: some * members })
        }
      }
      await send(times / 4)
      return (await serverCpuUs(() => send(times))) / times
    }
    await client.run('connect', { port, times: clients })
    // What comes first must not pay for the others.
    await client.run('join', { rooms: ['warm'], spread: true })
    await server.run('hasMembers', { room: 'warm', members: 1 })
    for (let round = 0; round < 3; round++) await cpuOf(['warm'], 1)
    let made = 0
    /** @type {string[]} */
    const rooms = []
    for (const count of counts) {
      const added = Array.from({ length: count - made }, (_, index) => `room-${made + index}`)
      rooms.push(...added)
      made = count
      await client.run('join', { rooms: added, spread: true })
      await server.run('hasMembers', { room: added.at(-1) ?? '', members: 1 })
      values[`rooms${count}`] = await cpuOf(scattered(rooms), 1)
    }
    await client.run('close')

    await client.run('connect', { port, times: 10 })
    await client.run('join', { rooms: ['ten'] })
    await server.run('hasMembers', { room: 'ten', members: 10 })
    let open = 10
    for (const count of connections) {
      await client.run('connect', { port, times: count - open })
      open = count
      values[`connections${count}`] = await cpuOf(['ten'], 10)
    }
    await client.run('close')
    return values
  },
}

/**
 * A thousand of them, from all over.
 *
 * @param {string[]} rooms
 */
function scattered(rooms) {
  const step = Math.max(1, Math.floor(rooms.length / 1_000))
  return rooms.filter((_, index) => index % step === 0)
}

/**
 * @param {string} prefix
 * @param {number[]} counts
 * @param {string} what
 * @returns {Record<string, import('../types.ts').Metric>}
 */
function metricsOf(prefix, counts, what) {
  return Object.fromEntries(
    counts.map((count) => [
      `${prefix}${count}`,
      { title: `server CPU per message, ${count.toLocaleString('en')} ${what}`, unit: 'µs', best: 'least' },
    ]),
  )
}
