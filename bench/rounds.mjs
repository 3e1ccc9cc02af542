// Rounds in which the peers take turns, so that whatever else the machine does meets all alike.
import { createLab } from './lab.mjs'
import { asBuilt } from './loading.mjs'

/** @typedef {Awaited<ReturnType<typeof createLab>>} StartedLab */
/** @typedef {import('./types.ts').Peer} Peer */
/** @typedef {Map<string, Record<string, number>[]>} Rounds The values of each row, one for each round. */

/**
 * Those that take part in a scenario.
 *
 * @param {import('./types.ts').PeerScenario<any>} scenario
 * @param {readonly Peer[]} peers
 */
export const takingPart = ({ needs, over: by }, peers) =>
  peers.filter(({ can, over }) => needs.every((need) => can.includes(need)) && (by ?? over) === over)

/**
 * The processes of the peers, which are started when they are first needed.
 */
export class Labs {
  #loading
  /** @type {Map<string, StartedLab>} */
  #labs = new Map()

  /** @param {import('./loading.mjs').Loading} loading */
  constructor(loading = asBuilt) {
    this.#loading = loading
  }

  /** @param {Peer} peer */
  async of(peer) {
    const lab =
      this.#labs.get(peer.name) ??
      (await createLab(peer, peer.name.startsWith('typewire') ? this.#loading.nodeOptions : []))
    this.#labs.set(peer.name, lab)
    return lab
  }

  /** @param {Peer} peer */
  async end(peer) {
    const lab = this.#labs.get(peer.name)
    this.#labs.delete(peer.name)
    await lab?.end()
  }

  async endAll() {
    await Promise.all([...this.#labs.values()].map(({ end }) => end()))
    this.#labs.clear()
  }
}

/**
 * @param {import('./types.ts').PeerScenario<any>} scenario
 * @param {{ peers: readonly Peer[], size: import('./types.ts').SizeName, labs: Labs, say: (line: string) => void }} options
 * @returns {Promise<{ rounds: Rounds, failures: Map<string, string> }>}
 */
export async function measureInRounds(scenario, { peers, size: sizeName, labs, say }) {
  const size = scenario.sizes[sizeName]
  /** @type {Rounds} */
  const rounds = new Map()
  /** @type {Map<string, string>} */
  const failures = new Map()
  // One measure needs no processes of its own to show that it works.
  const fresh = scenario.fresh && sizeName !== 'smoke'
  const warm = new Set()
  for (let round = 1; round <= size.rounds; round++) {
    for (const peer of takingPart(scenario, peers)) {
      const failed = failures.has(peer.name)
      if (failed && !scenario.afterFailure) continue
      const its = failed ? scenario.afterFailure?.(size) : size
      say(`${scenario.name}, round ${round} of ${size.rounds}: ${peer.label}`)
      /** @type {Record<string, number>} */
      const values = {}
      const keep = (/** @type {import('./types.ts').Values} */ some) => void Object.assign(values, some)
      try {
        const lab = await labs.of(peer)
        if (!warm.has(peer)) await scenario.warmUp?.(lab, its)
        if (!fresh) warm.add(peer)
        keep((await scenario.measure(lab, its, keep)) ?? {})
        if (fresh) await labs.end(peer)
      } catch (error) {
        failures.set(peer.name, failures.get(peer.name) ?? (error instanceof Error ? error.message : String(error)))
        warm.delete(peer)
        await labs.end(peer)
      }
      if (Object.keys(values).length > 0) rounds.set(peer.name, [...(rounds.get(peer.name) ?? []), values])
    }
  }
  return { rounds, failures }
}

/**
 * @param {import('./types.ts').LoneScenario<any>} scenario
 * @param {{ peers: readonly Peer[], size: import('./types.ts').SizeName, loading?: import('./loading.mjs').Loading, say: (line: string) => void }} options
 * @returns {Promise<{ rounds: Rounds, failures: Map<string, string> }>}
 */
export async function measureAlone(scenario, { peers, size: sizeName, loading = asBuilt, say }) {
  const size = scenario.sizes[sizeName]
  const names = peers.map(({ name }) => name)
  /** @type {Rounds} */
  const rounds = new Map()
  for (let round = 1; round <= size.rounds; round++) {
    say(`${scenario.name}, round ${round} of ${size.rounds}`)
    for (const [row, values] of Object.entries(await scenario.rows(size, names, loading))) {
      rounds.set(row, [...(rounds.get(row) ?? []), values])
    }
  }
  return { rounds, failures: new Map() }
}
