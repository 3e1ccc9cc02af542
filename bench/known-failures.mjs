// What is known to fail. A run ends with 0 only if nothing else has failed.

/** @typedef {{ scenario: string, peers: readonly string[], after: string, says: RegExp, because: string }} KnownFailure */

/** @type {readonly KnownFailure[]} `after`: the last metric that is measured before. `says`: what the failure does. */
export const knownFailures = [
  {
    scenario: 'scale',
    peers: ['trpc', 'trpc-superjson'],
    after: 'rooms100',
    says: /^server\.mjs [^]*heap out of memory/,
    because: 'at 100,000 rooms its server runs out of memory, which is 4 GB of heap by default',
  },
]

/**
 * @param {string} scenario
 * @param {Pick<import('./report.mjs').Result['rows'][number], 'name' | 'figures' | 'failure'>} row
 */
export const knownFailure = (scenario, { name, figures, failure = '' }) =>
  knownFailures.find(
    (known) =>
      known.scenario === scenario &&
      known.peers.includes(name) &&
      figures[known.after] !== undefined &&
      known.says.test(failure),
  )
