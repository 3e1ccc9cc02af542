// A stream of items that the server makes as they are read. The rows of ws send all at once: they have no flow control.

/** @type {import('../types.ts').PeerScenario<{ items: number }>} */
export const streams = {
  name: 'streams',
  title: 'A stream to one client',
  needs: ['streams'],
  sizes: {
    full: { rounds: 5, items: 10_000 },
    quick: { rounds: 3, items: 1_000 },
    smoke: { rounds: 1, items: 20 },
  },
  metrics: {
    rate: { title: 'all in all', unit: 'items/s', best: 'most' },
    cpu: { title: 'server CPU per item', unit: 'µs', best: 'least' },
  },
  async measure({ client, port, serverCpuUs }, { items }) {
    await client.run('connect', { port, times: 1 })
    await client.run('stream', { items })
    let read = { items: 0, seconds: 0 }
    const cpuUs = await serverCpuUs(async () => (read = await client.run('stream', { items })))
    if (read.items !== items) throw new Error(`${read.items} items were read, not ${items}.`)
    await client.run('close')
    return { rate: items / read.seconds, cpu: cpuUs / items }
  },
}
