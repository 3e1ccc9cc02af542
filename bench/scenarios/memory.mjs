// What a server holds for each client that is connected and silent, and for each session whose client has gone away.

/** @type {import('../types.ts').PeerScenario<{ connections: number }>} */
export const memory = {
  name: 'memory',
  title: 'Memory of a server',
  needs: ['calls'],
  over: 'websocket',
  fresh: true,
  sizes: {
    full: { rounds: 3, connections: 10_000 },
    quick: { rounds: 1, connections: 1_000 },
    smoke: { rounds: 1, connections: 10 },
  },
  metrics: {
    heap: { title: 'heap per idle connection', unit: 'KB', best: 'least' },
    rss: { title: 'resident memory per idle connection', unit: 'KB', best: 'least' },
    session: { title: 'heap per session that may be resumed', unit: 'KB', best: 'least' },
  },
  async measure({ peer, client, server, port }, { connections }) {
    // What the first connections leave behind is no connection's.
    await client.run('connect', { port, times: Math.ceil(connections / 20) })
    await client.run('close')
    const none = await server.run('memory')
    await client.run('connect', { port, times: connections })
    await client.run('roundTrips', { times: 1 })
    const idle = await server.run('memory')
    /** @type {Record<string, number>} */
    const values = {
      heap: (idle.heapUsed - none.heapUsed) / connections / 1_024,
      rss: (idle.rss - none.rss) / connections / 1_024,
    }
    if (peer.can.includes('sessions')) {
      await client.end() // its sockets are gone, and nobody said goodbye
      await server.run('hasDetached', { sessions: connections })
      const kept = await server.run('memory')
      values['session'] = (kept.heapUsed - none.heapUsed) / connections / 1_024
    }
    return values
  },
}
