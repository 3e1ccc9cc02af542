// Members of a room with a history that lose their sessions at random, on two nodes over a broker that is slow, loses
// publications and sometimes forgets all: each hears each event once and in order, or is told of what is missed
// (invariant 8). A seed that fails is in the name of its test.

import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import type { TestClient } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { type Hall, historyLab, listen } from './stage.ts'
import { unsteadyBroker } from './unsteady-broker.ts'

failOnUnhandledRejections()

/** Another one each time, besides those that are always run. */
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, Math.floor(Math.random() * 2 ** 31)]
const steps = 60
const totals = { recovered: 0, missed: 0, events: 0 }

describe('members that lose their sessions at random', () => {
  test.each(seeds)('hear each event once and in order, or are told (seed %i)', async (seed) => {
    const random = randomOf(seed)
    const below = (count: number) => Math.floor(random() * count)
    const broker = unsteadyBroker(random)
    const options = { server: { broker }, history: { limit: 25 } }
    const labs = [await historyLab(options), await historyLab(options)]
    const members = Array.from({ length: 6 }, (_, index) => memberOf(labs[index % 2]!.client()))
    await Promise.all(members.map(({ hall }) => hall.ready))
    let said = 0
    const say = (count: number) => {
      const lab = labs[below(2)]!
      lab.say(said + 1, said + count)
      said += count
    }
    for (let step = 0; step < steps; step++) {
      const dice = random()
      if (dice < 0.55) say(1 + below(6))
      else if (dice < 0.6) say(30)
      else if (dice < 0.85) cutOne(labs[below(2)]!.sockets, below)
      else if (dice < 0.87) broker.forget()
      for (const { client } of members) {
        if (client.status.current.state === 'waiting' && random() < 0.4) await client.clock.advance(1)
      }
      await quiet(below(4))
    }
    await quiet() // who was cut knows it
    await allAreBack(members)
    // That the last ones were lost shows with the next one.
    for (let more = 0; more < 20; more++) {
      say(1)
      await quiet(5)
    }
    const isThere = ({ heard }: Member) => heard.at(-1)?.startsWith('missed') || Number(heard.at(-1)) > said - 20
    await eventually(() => members.every(isThere), 'all hear the last events, or that they are missed')
    expect(members.map(({ heard }) => faultsOf(heard))).toEqual(members.map(() => []))
  })

  test('all that may happen has happened, else the others prove nothing', () => {
    expect(totals.recovered, 'sessions that recovered').toBeGreaterThan(20)
    expect(totals.missed, 'times that something was missed').toBeGreaterThan(5)
    expect(totals.events).toBeGreaterThan(1_000)
  })
})

interface Member {
  readonly client: TestClient
  readonly hall: Hall
  readonly heard: string[]
}

function memberOf(client: TestClient): Member {
  const hall = client.join.hall({ id: 'h' })
  hall.status.subscribe(() => {
    const status = hall.status.current
    if (status.state === 'joined' && status.recovered) totals.recovered++
  })
  return { client, hall, heard: listen(hall) }
}

function cutOne(
  sockets: { readonly destroyed: boolean; readonly destroy: () => void }[],
  below: (n: number) => number,
) {
  const open = sockets.filter(({ destroyed }) => !destroyed)
  open[below(open.length)]?.destroy()
}

async function allAreBack(members: readonly Member[]): Promise<void> {
  for (const { client } of members) {
    await eventually(() => {
      const { state } = client.status.current
      if (state === 'waiting') void client.clock.advance(1)
      return state === 'open'
    }, 'the client is back')
  }
}

/** What is wrong: they must rise, and a hole must have been told. */
function faultsOf(heard: readonly string[]): string[] {
  const faults: string[] = []
  let last = 0
  let isTold = false
  for (const what of heard) {
    if (what.startsWith('missed')) {
      isTold = true
      totals.missed++
      continue
    }
    const n = Number(what)
    if (n <= last) faults.push(`${n} behind ${last}`)
    else if (n > last + 1 && !isTold) faults.push(`from ${last} to ${n}`)
    isTold = false
    last = n
    totals.events++
  }
  return faults
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
