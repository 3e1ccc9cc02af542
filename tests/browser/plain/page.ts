// The code of a page that has a client and nothing else, which tests move by `window.plain`. It runs in the browser.

import { type ClientStatus, createClient, type ReconnectOptions } from '@typewire/client'
import type { TransportContract } from '../../../packages/testkit/src/suites/transport-contract.ts'

/** How long between two numbers of a burst, in milliseconds. */
const burstPauseMs = 2

const client = createClient<TransportContract>({
  url: location.origin,
  auth: 'ada',
  // Chance, which is not what these tests are about, would make a long wait short.
  reconnect: { random: () => 0.9, ...(JSON.parse(decodeURIComponent(location.hash.slice(1))) as ReconnectOptions) },
})

let firstOpen: { readonly atMs: number; readonly transport: string } | undefined
const statuses: ClientStatus[] = []
client.status.subscribe(() => {
  const { current } = client.status
  statuses.push(current)
  if (current.state === 'open') firstOpen ??= { atMs: performance.now(), transport: current.transport }
})
const down: number[] = []
client.on.down((n) => void down.push(n))

const life: string[] = []
document.addEventListener('visibilitychange', () => life.push(document.visibilityState))
for (const type of ['freeze', 'resume']) document.addEventListener(type, () => life.push(type))
for (const type of ['pagehide', 'pageshow'] as const) {
  window.addEventListener(type, ({ persisted }) => life.push(persisted ? `${type} persisted` : type))
}

let sent = 0
const send = () => client.emit.up(sent++)
let burst: ReturnType<typeof setInterval> | undefined

const plain = {
  client,
  /** When the client was first open, in milliseconds since the navigation began, and by what. */
  firstOpen: () => firstOpen,
  /** Every status that the client has had. */
  statuses,
  /** What the page was told of its own life, in order: `hidden`, `visible`, `pagehide persisted`, … */
  life,
  /** The numbers that came from the server. */
  down,
  /** Sends the next number. */
  send,
  startBurst: () => void (burst = setInterval(send, burstPauseMs)),
  /** How many numbers were sent, in all. */
  endBurst: () => {
    clearInterval(burst)
    return sent
  },
}

declare global {
  interface Window {
    plain: typeof plain
  }
}
window.plain = plain
