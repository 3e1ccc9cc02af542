// What a message costs where there is much besides: a message to one of many rooms, each with one member; and one to a room
// of ten members, where many others are connected.

/** @type {import('../types.ts').PeerScenario<{ clients: number, rooms: number[], connections: number[], times: number }>} */
export const scale = {
  name: 'scale',
  title: 'A message among many rooms, or many connections',
  needs: ['rooms'],
  over: 'websocket',
  fresh: true,
  sizes: {
    full: { rounds: 3, clients: 100, rooms: [1, 10, 100, 100_000], connections: [100, 10_000], times: 10_000 },
    quick: { rounds: 1, clients: 100, rooms: [1, 10, 100, 2_000], connections: [100, 1_000], times: 2_000 },
    smoke: { rounds: 1, clients: 10, rooms: [1, 10], connections: [20], times: 20 },
  },
  metrics: {
    ...metricsOf('rooms', [1, 10, 100, 2_000, 100_000], 'rooms'),
    ...metricsOf('connections', [100, 1_000, 10_000], 'connections'),
  },
  // The most rooms are what a server dies of.
  afterFailure: (size) => ({ ...size, rooms: size.rooms.slice(0, -1) }),
  async measure({ client, server, port, serverCpuUs }, { clients, rooms: counts, connections, times }, keep) {
    const cpuOf = async (/** @type {string[]} */ rooms, /** @type {number} */ members) => {
      // As many as there are turns for, and then all members are waited for.
      const send = async (/** @type {number} */ all) => {
        for (let sent = 0; sent < all; sent += 500) {
          const some = Math.min(500, all - sent)
          await server.run('broadcast', { rooms, times: some, everyMs: 0, from: sent })
          await client.run('heard', { messages: some * members })
        }
      }
      await send(times / 4)
      return (await serverCpuUs(() => send(times))) / times
    }
    await client.run('connect', { port, times: clients })
    // What comes first must not pay for the others.
    await client.run('joinInTurn', { rooms: ['warm'], from: 0 })
    await server.run('hasMembers', { room: 'warm', members: 1 })
    for (let round = 0; round < 3; round++) await cpuOf(['warm'], 1)
    await client.run('close')

    await client.run('connect', { port, times: 10 })
    await client.run('join', { rooms: ['ten'] })
    await server.run('hasMembers', { room: 'ten', members: 10 })
    let open = 10
    for (const count of connections) {
      await client.run('connect', { port, times: count - open })
      open = count
      keep({ [`connections${count}`]: await cpuOf(['ten'], 10) })
    }
    await client.run('close')
    await server.run('hasMembers', { room: 'ten', members: 0 })

    await client.run('connect', { port, times: clients })
    let made = 0
    /** @type {string[]} */
    const rooms = []
    for (const count of counts) {
      const added = Array.from({ length: count - made }, (_, index) => `room-${made + index}`)
      rooms.push(...added)
      await client.run('joinInTurn', { rooms: added, from: made })
      made = count
      await server.run('hasMembers', { room: added.at(-1) ?? '', members: 1 })
      await client.run('receivers')
      keep({ [`rooms${count}`]: await cpuOf(scattered(rooms, clients), 1) })
      const receivers = await client.run('receivers')
      if (receivers !== Math.min(clients, count)) throw new Error(`${receivers} clients heard something, not all.`)
    }
    await client.run('close')
  },
}

/**
 * About a thousand of them, from all over. No step of a thousandth that has a divisor in common with the number of clients: it
 * would come upon the rooms of a few of them, or of one.
 *
 * @param {string[]} rooms
 * @param {number} clients
 */
function scattered(rooms, clients) {
  let step = Math.max(1, Math.floor(rooms.length / 1_000))
  while (divisorOf(step, clients) > 1) step--
  return rooms.filter((_, index) => index % step === 0)
}

/**
 * The greatest that both have in common.
 *
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
const divisorOf = (a, b) => (b === 0 ? a : divisorOf(b, a % b))

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
