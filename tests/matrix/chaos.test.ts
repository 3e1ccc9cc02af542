import { isTypewireError } from '@typewire/core'
import { turn } from '@typewire/testkit'
import { expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { type RunningLab, startLab, type TestClient } from '../support/lab.ts'
import { tapWire } from '../support/wire-tap.ts'

// Calls, events, joins and leaves at random, while links are cut at random. What must hold whatever the order:
// a call settles once and its handler runs at most once, never where it was `not_sent`, and exactly once where it was
// answered; who is in a room is who holds a handle of it; nobody breaks a clause; nothing is left.

failOnUnhandledRejections()

/** A small generator of random numbers, so that a failure can be seen again: mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

type Hall = ReturnType<TestClient['join']['hall']>

interface Chaos {
  readonly lab: RunningLab
  readonly client: TestClient
  readonly below: (n: number) => number
  readonly runs: Map<string, number>
  readonly calls: Promise<readonly [id: string, fate: string]>[]
  readonly handles: Hall[]
  readonly reasons: string[]
}

const roomIds = ['a', 'b', 'c']

function act({ lab, client, below, calls, handles }: Chaos, step: number): void {
  const id = `${step}`
  switch (below(12)) {
    case 0:
    case 1:
    case 2: {
      const controller = new AbortController()
      if (below(4) === 0) void quiet(below(4)).then(() => controller.abort())
      const { signal } = controller
      const call = client.call.echo(id, below(3) === 0 ? { signal } : {})
      calls.push(
        call.then(
          (answer) => [id, answer === id ? 'ok' : 'wrong'] as const,
          (error: unknown) => [id, fateOf(error)] as const,
        ),
      )
      return
    }
    case 3:
      return client.emit.note({ n: step })
    case 4:
    case 5:
    case 6:
      handles.push(client.join.hall({ id: roomIds[below(roomIds.length)]! }))
      return
    case 7:
    case 8:
      handles[below(handles.length + 1)]?.leave()
      return
    case 9:
      lab.server.rooms.hall({ id: roomIds[below(roomIds.length)]! }).emit.said({ text: id })
      return
    case 10:
      if (below(3) === 0) lab.cut()
      return
    default:
      handles.find(({ status }) => status.current.state === 'joined')?.emit.say({ text: id })
  }
}

const fateOf = (error: unknown) =>
  isTypewireError(error) ? `${error.code} ${error.outcome ?? ''}`.trim() : String(error)

async function run(seed: number): Promise<void> {
  const random = randomFrom(seed)
  const below = (n: number) => Math.floor(random() * n)
  const runs = new Map<string, number>()
  const count = (id: string) => void runs.set(id, (runs.get(id) ?? 0) + 1)
  const later = async <T>(value: T): Promise<T> => {
    if (below(2) === 0) for (let i = below(5); i > 0; i--) await turn()
    return value
  }
  const tap = tapWire()
  const lab = await startLab({
    handlers: {
      procedures: { echo: ({ input }) => (count(input), later(input)) },
      events: { note: ({ payload }) => count(`${payload.n}`) },
      rooms: {
        hall: { authorize: () => later(true), events: { say: ({ room, payload }) => room.emit.said(payload) } },
      },
    },
  })
  const client = lab.client()
  const reasons: string[] = []
  client.status.subscribe(() => {
    const { current } = client.status
    if (current.state === 'waiting' || current.state === 'closed') reasons.push(current.reason)
  })
  const chaos: Chaos = { lab, client, below, runs, calls: [], handles: [], reasons }
  for (let step = 0; step < 150; step++) {
    act(chaos, step)
    if (below(3) === 0) await quiet(below(3))
    if (client.status.current.state === 'waiting') await client.clock.advance(1)
  }

  // Peace: a client that waits to come back comes back, until an answer does. Its link may be cut without its knowing.
  let answer: { readonly ok: boolean } | undefined
  const ask = () => void client.try.echo('peace').then((settles) => (answer = settles))
  ask()
  await eventually(() => {
    if (client.status.current.state === 'waiting') void client.clock.advance(1)
    if (answer?.ok === false) ask()
    if (answer?.ok === false) answer = undefined
    return answer !== undefined
  }, `seed ${seed}: the client is back`)
  const fates = await Promise.all(chaos.calls)
  const unsettled = () => chaos.handles.filter(({ status }) => /^(re)?joining$/.test(status.current.state))
  await eventually(() => unsettled().length === 0, `seed ${seed}: all joins settle`)
  await client.call.echo('all leaves have arrived')

  for (const [id, fate] of fates) {
    const ran = runs.get(id) ?? 0
    expect(['ok', 'ABORTED', 'SESSION_LOST unknown', 'SESSION_LOST not_sent'], `seed ${seed}, call ${id}`).toContain(
      fate,
    )
    const least = fate === 'ok' ? 1 : 0
    const most = fate === 'SESSION_LOST not_sent' ? 0 : 1
    expect([least, most], `seed ${seed}, call ${id}: ${fate}, ran ${ran} times`).toContain(ran)
  }
  runs.delete('peace')
  for (const [id, times] of runs) expect(times, `seed ${seed}, ${id} ran`).toBe(1)

  for (const id of roomIds) {
    const room = lab.server.rooms.hall({ id })
    const members = await room.emitWithAck.poll({ text: '?' })
    const held = chaos.handles.filter(({ status }) => status.current.state === 'joined')
    const heard = new Set<string>()
    held.forEach((handle) => handle.on.said(({ text }) => void heard.add(text)))
    room.emit.said({ text: `of ${id}` })
    await client.call.echo(`of ${id}`)
    expect(members.length, `seed ${seed}, members of ${id}`).toBe(heard.has(`of ${id}`) ? 1 : 0)
  }
  expect(
    reasons.filter((reason) => !/^LINK_LOST|^GOING_AWAY/.test(reason)),
    `seed ${seed}`,
  ).toEqual([])
  expect(tap.answeredTwice(), `seed ${seed}`).toEqual([])

  chaos.handles.forEach((handle) => handle.leave())
  await client.call.echo('all have left')
  for (const id of roomIds) {
    expect(await lab.server.rooms.hall({ id }).emitWithAck.poll({ text: '?' }), `seed ${seed}, ${id}`).toEqual([])
  }
  await lab.dispose()
  expect([lab.clock.pending, client.clock.pending], `seed ${seed}: timers`).toEqual([0, 0])
  expect([...lab.server.sessions], `seed ${seed}`).toEqual([])
  // Sessions are lost, and with them events of which nobody knows whether they have come.
  const unexpected = client.errors.filter((error) => !/ events? may not have arrived: /.test(String(error)))
  expect([...lab.errors, ...unexpected], `seed ${seed}`).toEqual([])
}

const seeds = Array.from({ length: 20 }, (_, index) => index + 1)

test.each(seeds)('CA-6: nothing runs twice, hangs or is left over, of seed %d', async (seed) => {
  await run(seed)
  expect.hasAssertions()
})
