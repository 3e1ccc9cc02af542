// Which faults a seed means. Each thing that comes by has its own: by the seed, what it is, and its number among those
// of its kind. So what happens to the tenth poll does not depend on how many messages came by before it.

import { type ChooseFault, type Fault, type Passing, seededRandom } from '@typewire/testkit'

export interface FaultOptions {
  /** Whether ways are closed and opened again, so that a client with several transports has to move. */
  readonly hasSwitches: boolean
  /** How many bursts there have been: the ways change with it. */
  readonly burst: () => number
}

/** How often, in a thousand. */
type Odds = Partial<Record<Fault | 'delay', number>>

const messageOdds: Odds = { 'cut before': 20, 'cut within': 20, 'cut after': 20, silence: 1, delay: 30 }
const odds: Record<Passing['kind'], Odds> = {
  upgrade: { 'cut before': 20, 'cut after': 20, refuse: 40, delay: 50 },
  message: messageOdds,
  request: {
    'cut before': 20,
    'cut within': 20,
    'cut after': 20,
    refuse: 60,
    repeat: 40,
    'repeat late': 40,
    silence: 1,
    delay: 40,
  },
  response: { 'cut before': 20, 'cut within': 20, 'cut after': 20, refuse: 60, silence: 1, delay: 40 },
}

const maxDelayMs = 5

/** How many bursts the ways stay as they are. */
const burstsPerWay = 12
const ways = ['all', 'all', 'http', 'poll'] as const

/** The faults of a seed. */
export function chooseFaults(seed: number, { hasSwitches, burst }: FaultOptions): ChooseFault {
  return async (passing) => {
    const { kind, direction, route, number } = passing
    if (hasSwitches) {
      const chance = randomFor(seed, `way ${Math.floor(burst() / burstsPerWay)}`)()
      const way = ways[Math.floor(chance * ways.length)]!
      const isClosed = (way !== 'all' && route === 'websocket') || (way === 'poll' && route === 'stream')
      if (isClosed) return kind === 'message' ? 'cut before' : 'refuse'
    }
    const random = randomFor(seed, `${kind} ${direction} ${route} ${number}`)
    let left = random() * 1_000
    for (const [fault, per] of Object.entries(odds[kind]) as [Fault | 'delay', number][]) {
      left -= per
      if (left >= 0) continue
      if (fault !== 'delay') return fault
      await new Promise((resolve) => void setTimeout(resolve, random() * maxDelayMs))
      return 'pass'
    }
    return 'pass'
  }
}

function randomFor(seed: number, what: string): () => number {
  let hash = seed
  for (let i = 0; i < what.length; i++) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193)
  return seededRandom(hash)
}
