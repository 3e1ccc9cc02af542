// Calls at random, while links are cut and held back, and nodes go and come. Whatever the order: what is not idempotent
// begins at most once, on all nodes together, and never where it is `not_sent`; what is idempotent always gets an answer of
// its own.

import type { TransportName } from '@typewire/client'
import { type Broker, isTypewireError } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import { createDelayingBroker, seededRandom, turn } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { startClient, startNode, within } from './stage.ts'
import { openSwitchboard } from './switchboard.ts'

failOnUnhandledRejections()

const transports: readonly TransportName[] = ['websocket', 'http-stream', 'http-poll']

interface Fate {
  readonly what: string
  readonly answer?: string
  readonly error?: string
}

/** Gives what has gone wrong. */
async function run(seed: number): Promise<readonly unknown[]> {
  const random = seededRandom(seed)
  const below = (n: number) => Math.floor(random() * n)
  const inner = createMemoryBroker()
  const broker: Broker = below(2) === 0 ? inner : createDelayingBroker({ inner, seed })
  const start = () => startNode({ broker, isHeld: true, windowMs: below(2) === 0 ? 0 : 60_000 })
  const nodes = [await start(), await start()]
  const all = [...nodes]
  const board = await openSwitchboard(nodes[0]!.port)
  const client = startClient({ url: board.url, transports: [transports[seed % transports.length]!] })

  const calls: Promise<Fate>[] = []
  const fateOf = (what: string, call: Promise<string>): Promise<Fate> =>
    call.then(
      (answer) => ({ what, answer }),
      (error: unknown) => ({
        what,
        error: isTypewireError(error) ? `${error.code} ${error.outcome ?? ''}`.trim() : String(error),
      }),
    )
  const act = async (step: number): Promise<void> => {
    switch (below(12)) {
      case 0:
      case 1:
      case 2:
        return void calls.push(fateOf(`put ${step}`, client.call.put(`${step}`)))
      case 3:
        return void calls.push(fateOf(`admin/put ${step}`, client.ns.admin.call.put(`${step}`)))
      case 4:
        return void calls.push(fateOf(`admin/add ${step}`, client.ns.admin.call.add(`${step}`)))
      case 5:
      case 6:
        return void calls.push(fateOf(`add ${step}`, client.call.add(`${step}`)))
      case 7:
        return board.cut()
      case 8:
        return board.hold(below(2) === 0 ? 'up' : 'down')
      case 9:
        return board.lead(nodes[below(2)]!.port)
      case 10: {
        if (below(3) > 0) return board.release()
        const [old] = nodes.splice(below(2), 1)
        await within(old!.clock, old!.listening.close({ drainMs: 0 }))
        const next = await start()
        nodes.push(next)
        all.push(next)
        return board.lead(nodes[below(2)]!.port)
      }
      default:
        return end(3)
    }
  }
  /** Lets handlers end: about one in so many. */
  const end = (oneIn: number) => {
    for (const { running } of all) for (const handler of running) if (below(oneIn) === 0) handler.end()
  }

  for (let step = 0; step < 120; step++) {
    await act(step)
    for (let turns = below(8); turns > 0; turns--) await turn()
    await client.clock.advance(1)
  }
  board.cut()
  let settled = 0
  for (const call of calls) void call.then(() => settled++)
  let passedMs = 0
  await eventually(() => {
    end(1)
    if (passedMs++ < 20_000) void client.clock.advance(1)
    return settled === calls.length
  }, `seed ${seed}: all calls settle`)

  const begun = all.flatMap(({ runs }) => runs)
  const wrong = (await Promise.all(calls)).filter(
    (fate) =>
      !isRight(
        fate,
        begun.filter((what) => what === fate.what),
      ),
  )
  return [...wrong, ...all.flatMap(({ errors }) => errors)]
}

/** `runs`: those that have begun of the call. */
function isRight({ what, answer, error }: Fate, { length: runs }: readonly string[]): boolean {
  const isOwn = answer === undefined ? error === 'SESSION_LOST unknown' : answer.startsWith(`${what}: `)
  const least = answer === undefined ? 0 : 1
  return isOwn && runs >= least && (what.includes('put') ? answer !== undefined : runs <= 1)
}

test.each(Array.from({ length: 30 }, (_, index) => index + 1))(
  'CA-6, CA-11, CA-12: nothing that is not idempotent begins twice, and all that is has its answer, of seed %d',
  async (seed) => {
    expect(await run(seed)).toEqual([])
  },
)
