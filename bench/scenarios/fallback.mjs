// A room of clients that have no WebSocket. First one message at a time, the next when all members have heard the last, so
// that each is a response; then many in one turn, which share what they can.
const many = 100

/** @type {import('../types.ts').PeerScenario<{ members: number, single: number, bursts: number }>} */
export const fallback = {
  name: 'fallback',
  title: `Without WebSocket: a room of ${many}`,
  needs: ['rooms'],
  over: 'http',
  sizes: {
    full: { rounds: 5, members: many, single: 200, bursts: 20 },
    quick: { rounds: 3, members: many, single: 4, bursts: 1 },
    smoke: { rounds: 1, members: 5, single: 2, bursts: 1 },
  },
  metrics: {
    rate: { title: 'one at a time', unit: 'deliveries/s', best: 'most' },
    cpu: { title: 'server CPU per delivery', unit: 'µs', best: 'least' },
    burstRate: { title: `${many} in one turn`, unit: 'deliveries/s', best: 'most' },
    burstCpu: { title: `server CPU per delivery, ${many} in one turn`, unit: 'µs', best: 'least' },
  },
  async measure({ client, server, port, serverCpuUs }, { members, single, bursts }) {
    const room = 'fallback'
    const deliver = async (/** @type {number} */ times, /** @type {number} */ inOneTurn) => {
      let seconds = 0
      const cpuUs = await serverCpuUs(async () => {
        const startMs = performance.now()
        for (let index = 0; index < times; index++) {
          await server.run('burst', { room, times: inOneTurn })
          await client.run('heard', { messages: members * inOneTurn })
        }
        seconds = (performance.now() - startMs) / 1_000
      })
      const deliveries = members * inOneTurn * times
      return { rate: deliveries / seconds, cpu: cpuUs / deliveries }
    }
    await client.run('connect', { port, times: members })
    await client.run('join', { rooms: [room] })
    await server.run('hasMembers', { room, members })
    await deliver(Math.ceil(single / 4), 1)
    const { rate, cpu } = await deliver(single, 1)
    const burst = await deliver(bursts, many)
    await client.run('close')
    await server.run('hasMembers', { room, members: 0 })
    return { rate, cpu, burstRate: burst.rate, burstCpu: burst.cpu }
  },
}
