/** @type {import('../types.ts').PeerScenario<{ times: number, trips: number }>} */
export const connects = {
  name: 'connects',
  title: 'Connecting',
  needs: ['calls'],
  sizes: {
    full: { rounds: 7, times: 1_000, trips: 100 },
    quick: { rounds: 3, times: 250, trips: 25 },
    smoke: { rounds: 1, times: 4, trips: 2 },
  },
  metrics: {
    rate: { title: '32 at a time', unit: 'connects/s', best: 'most' },
    cpu: { title: 'server CPU per connection, closing included', unit: 'µs', best: 'least' },
    first: { title: 'from nothing to a first result, p50', unit: 'µs', best: 'least' },
  },
  async measure({ client, port, serverCpuUs }, { times, trips }) {
    await client.run('firstResults', { port, times: Math.ceil(trips / 4) })
    const { p50: first } = await client.run('firstResults', { port, times: trips })
    let done = { connects: 0, seconds: 0 }
    const cpuUs = await serverCpuUs(
      async () => (done = await client.run('connects', { port, times, atATime: Math.min(32, times) })),
    )
    return { rate: times / done.seconds, cpu: cpuUs / times, first }
  },
}
