import type { TransportName } from '@typewire/client'
import { seededRandom, turn } from '@typewire/testkit'
import { expect } from 'vitest'
import { chooseFaults } from './faults.ts'
import { connectOverLink } from './over-link.ts'

export interface FaultyRunOptions {
  readonly seed: number
  /** `undefined`: all, with ways that close and open, so that the session moves between them. */
  readonly transports: readonly TransportName[] | undefined
  /** It ends when all of these are reached. */
  readonly resumes: number
  readonly frames: number
}

/** What a run has seen. */
export interface FaultyTally {
  faults: number
  resumed: number
  /** How often the session has moved to another transport. */
  moved: number
  /** Counted frames that each side made, and the other handled. What was sent again is not counted again. */
  up: number
  down: number
}

/** More than any run needs. */
const maxBursts = 10_000

/**
 * Sends numbered calls, acks, events and room events both ways in bursts, under seeded faults, and asserts that all of
 * it was handled once, in the order in which it was sent, whatever its kind, and all answered.
 */
export async function faultyRun({ seed, transports, resumes, frames }: FaultyRunOptions): Promise<FaultyTally> {
  const random = seededRandom(seed)
  const tally: FaultyTally = { faults: 0, resumed: 0, moved: 0, up: 0, down: 0 }
  let burst = 0
  let isFaulty = false
  const chooseFault = chooseFaults(seed, { hasSwitches: transports === undefined, burst: () => burst })
  const { client, hall, server, session, up, down, opened, end } = await connectOverLink({
    transports,
    random: seededRandom(seed + 1),
    choose: async (passing) => {
      const fault = isFaulty ? await chooseFault(passing) : 'pass'
      if (fault !== 'pass') tally.faults++
      return fault
    },
  })

  const sent = { up: [] as string[], down: [] as string[] }
  const wrong: string[] = []
  let unsettled = 0
  let onSettled = () => {}
  const untilUnsettled = async (most: number) => {
    while (unsettled > most) await new Promise<void>((resolve) => (onSettled = resolve))
  }
  /** Takes an answer, and frees its place. */
  const expectAnswer = (what: string, answer: Promise<number>, expected: number): void => {
    unsettled++
    void answer
      .then(
        (n) => void (n === expected || wrong.push(`${what}: ${n}`)),
        (error: unknown) => void wrong.push(`${what}: ${String(error)}`),
      )
      .then(() => {
        unsettled--
        onSettled()
      })
  }
  /** One of each kind, and now and then of those that ask for an ack. */
  const exchange = (n: number) => {
    sent.up.push(`up ${n}`, `add ${n}`, `say ${n}`)
    client.emit.up(n)
    expectAnswer(`add ${n}`, client.call.add(n), n + 1)
    hall.emit.say(n)
    sent.down.push(`down ${n}`, `said ${n}`)
    session.emit.down(n)
    server.rooms.hall().emit.said(n)
    tally.up += 3
    tally.down += 3 // the answer to the call
    if (random() < 0.7) return
    sent.up.push(`ask ${n}`)
    expectAnswer(`ask ${n}`, client.emitWithAck.ask(n), n * 2)
    sent.down.push(`question ${n}`)
    expectAnswer(`question ${n}`, session.emitWithAck.question(n), n * 3)
    tally.up += 2
    tally.down += 2
  }

  isFaulty = true
  let n = 0
  for (; burst < maxBursts && (opened.length <= resumes || Math.min(tally.up, tally.down) < frames); burst++) {
    for (let left = Math.floor(random() * 4); left >= 0; left--) exchange(++n)
    await turn()
    await untilUnsettled(Math.floor(random() * 60))
  }
  isFaulty = false
  await untilUnsettled(0)
  // The link is a good one now, and what came before these has come.
  expect(await client.emitWithAck.ask(0)).toBe(0)
  expect(await session.emitWithAck.question(0)).toBe(0)

  expect(wrong, 'answers').toEqual([])
  expect(up, 'up').toEqual([...sent.up, 'ask 0'])
  expect(down, 'down').toEqual([...sent.down, 'question 0'])
  tally.resumed = opened.length - 1
  tally.moved = opened.filter(({ transport }, i) => i > 0 && transport !== opened[i - 1]!.transport).length
  await end()
  return tally
}
