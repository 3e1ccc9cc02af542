// Events from one client to the server, 100 in each turn, until the server has received the last. What has only calls does
// not take part: each of them has an answer.
const inOneTurn = 100

/** @type {import('../types.ts').PeerScenario<{ times: number }>} */
export const events = {
  name: 'events',
  title: 'Events from a client to the server',
  needs: ['events'],
  sizes: {
    full: { rounds: 5, times: 20_000 },
    quick: { rounds: 3, times: 3_000 },
    smoke: { rounds: 1, times: 20 },
  },
  metrics: {
    rate: { title: 'all in all', unit: 'events/s', best: 'most' },
    cpu: { title: 'server CPU per event', unit: 'µs', best: 'least' },
  },
  async measure({ client, server, port, serverCpuUs }, { times }) {
    const emit = async () => {
      const before = await server.run('received')
      await client.run('emit', { times, inOneTurn })
      await server.run('hasReceived', { events: before + times })
      const received = (await server.run('received')) - before
      if (received !== times) throw new Error(`${received} events were received, not ${times}.`)
    }
    await client.run('connect', { port, times: 1 })
    await emit()
    let seconds = 0
    const cpuUs = await serverCpuUs(async () => {
      const startMs = performance.now()
      await emit()
      seconds = (performance.now() - startMs) / 1_000
    })
    await client.run('close')
    return { rate: times / seconds, cpu: cpuUs / times }
  },
}
