// Many events in one turn of the server, to each member of a room: the next burst when all members have heard the last.
const many = 100

/** @type {import('../types.ts').PeerScenario<{ members: number, inOneTurn: number, bursts: number }>} */
export const bursts = {
  name: 'bursts',
  title: `Bursts of ${many} events to a room of ${many}`,
  needs: ['rooms'],
  over: 'websocket',
  sizes: {
    full: { rounds: 5, members: many, inOneTurn: many, bursts: 8 },
    quick: { rounds: 3, members: many, inOneTurn: many, bursts: 1 },
    smoke: { rounds: 1, members: 5, inOneTurn: 10, bursts: 1 },
  },
  metrics: {
    rate: { title: 'all in all', unit: 'deliveries/s', best: 'most' },
    cpu: { title: 'server CPU per delivery', unit: 'µs', best: 'least' },
  },
  async measure({ client, server, port, serverCpuUs }, { members, inOneTurn, bursts: times }) {
    const room = 'bursts'
    const burst = async () => {
      await server.run('burst', { room, times: inOneTurn })
      await client.run('heard', { messages: members * inOneTurn })
    }
    await client.run('connect', { port, times: members })
    await client.run('join', { rooms: [room] })
    await server.run('hasMembers', { room, members })
    await burst()
    let seconds = 0
    const cpuUs = await serverCpuUs(async () => {
      const startMs = performance.now()
      for (let index = 0; index < times; index++) await burst()
      seconds = (performance.now() - startMs) / 1_000
    })
    await client.run('close')
    await server.run('hasMembers', { room, members: 0 })
    const deliveries = members * inOneTurn * times
    return { rate: deliveries / seconds, cpu: cpuUs / deliveries }
  },
}
