/** @type {import('../types.ts').PeerScenario<{ times: number, trips: number, far: number }>} */
export const connects = {
  name: 'connects',
  title: 'Connecting',
  needs: ['calls'],
  sizes: {
    full: { rounds: 5, times: 500, trips: 50, far: 5 },
    quick: { rounds: 3, times: 100, trips: 10, far: 1 },
    smoke: { rounds: 1, times: 4, trips: 2, far: 1 },
  },
  metrics: {
    rate: { title: '32 at a time', unit: 'connects/s', best: 'most' },
    cpu: { title: 'server CPU per connection, closing included', unit: 'µs', best: 'least' },
    first: { title: 'from nothing to a first result, p50', unit: 'µs', best: 'least' },
    trips: { title: 'the same, far away', unit: 'round trips', best: 'least' },
  },
  async measure({ client, server, port, serverCpuUs }, { times, trips, far }) {
    await client.run('firstResults', { port, times: Math.ceil(trips / 4) })
    const { p50: first } = await client.run('firstResults', { port, times: trips })
    const roundTrips = await client.run('tripsToFirstResult', { port, times: far })
    let done = { connects: 0, seconds: 0 }
    await server.run('hasConnections', { connections: 0 })
    const cpuUs = await serverCpuUs(async () => {
      done = await client.run('connects', { port, times, atATime: Math.min(32, times) })
      // Not all peers tell a client when its closing is done, and what is left of it is the server's work as well.
      await server.run('hasConnections', { connections: 0 })
    })
    return { rate: times / done.seconds, cpu: cpuUs / times, first, trips: roundTrips }
  },
}
