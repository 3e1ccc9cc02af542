/** What is measured is a server that has run for a while: its code is compiled. */
const warmUpMs = 4_000

/** @type {import('../types.ts').PeerScenario<{ trips: number, forMs: number }>} */
export const calls = {
  name: 'calls',
  title: 'Calls over one connection',
  needs: ['calls'],
  sizes: {
    full: { rounds: 5, trips: 500, forMs: 500 },
    quick: { rounds: 3, trips: 100, forMs: 150 },
    smoke: { rounds: 1, trips: 3, forMs: 10 },
  },
  metrics: {
    p50: { title: 'round trip p50', unit: 'µs', best: 'least' },
    p99: { title: 'round trip p99', unit: 'µs', best: 'least' },
    rate1: { title: '1 in flight', unit: 'calls/s', best: 'most' },
    rate64: { title: '64 in flight', unit: 'calls/s', best: 'most' },
    rate1024: { title: '1,024 in flight', unit: 'calls/s', best: 'most' },
    cpu1: { title: 'server CPU per call, 1 in flight', unit: 'µs', best: 'least' },
    cpu64: { title: 'server CPU per call, 64 in flight', unit: 'µs', best: 'least' },
    cpu1024: { title: 'server CPU per call, 1,024 in flight', unit: 'µs', best: 'least' },
  },
  async warmUp({ client, port }, { forMs }) {
    await client.run('connect', { port, times: 1 })
    await client.run('calls', { inFlight: 64, forMs: Math.min(warmUpMs, 8 * forMs) })
    await client.run('close')
  },
  async measure({ client, port, serverCpuUs }, { trips, forMs }) {
    await client.run('connect', { port, times: 1 })
    const { p50, p99 } = await client.run('roundTrips', { times: trips })
    /** @type {Record<string, number>} */
    const values = { p50, p99 }
    for (const inFlight of [1, 64, 1_024]) {
      let done = { calls: 0, seconds: 0 }
      const cpuUs = await serverCpuUs(async () => (done = await client.run('calls', { inFlight, forMs })))
      values[`rate${inFlight}`] = done.calls / done.seconds
      values[`cpu${inFlight}`] = cpuUs / done.calls
    }
    await client.run('close')
    return values
  },
}
