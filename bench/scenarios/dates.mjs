// What dates add: the same call with a payload that holds two, beside the plain one.
import { mean } from '../statistics.mjs'

/** @type {import('../types.ts').PeerScenario<{ forMs: number }>} */
export const dates = {
  name: 'dates',
  title: 'Calls with dates, 64 in flight',
  needs: ['dates'],
  over: 'websocket',
  sizes: {
    full: { rounds: 5, forMs: 500 },
    quick: { rounds: 3, forMs: 150 },
    smoke: { rounds: 1, forMs: 10 },
  },
  metrics: {
    plain: { title: 'server CPU per plain call', unit: 'µs', best: 'least' },
    dated: { title: 'server CPU per call with two dates', unit: 'µs', best: 'least' },
    ratio: { title: 'of the plain one', unit: 'times', best: 'least' },
  },
  async measure({ client, port, serverCpuUs }, { forMs }) {
    const cpuOf = async (/** @type {boolean} */ dated) => {
      let calls = 0
      const cpuUs = await serverCpuUs(async () => {
        calls = (await client.run('calls', { inFlight: 64, forMs: forMs / 2, dated })).calls
      })
      return cpuUs / calls
    }
    await client.run('connect', { port, times: 1 })
    await client.run('calls', { inFlight: 64, forMs: forMs / 2 })
    await client.run('calls', { inFlight: 64, forMs: forMs / 2, dated: true })
    // There and back, so that neither always comes when the processes have run for longer.
    const halves = { plain: [await cpuOf(false)], dated: [await cpuOf(true), await cpuOf(true)] }
    halves.plain.push(await cpuOf(false))
    const plain = mean(halves.plain)
    const dated = mean(halves.dated)
    await client.run('close')
    return { plain, dated, ratio: dated / plain }
  },
}
