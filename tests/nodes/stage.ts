// Several servers joined by one broker, each with clients of its own; and the brokers that this is to work over.

import type { Broker } from '@typewire/core'
import { createMemoryBroker } from '@typewire/server'
import {
  type BrokerFault,
  type BrokerOperation,
  createDelayingBroker,
  type DelayingBroker,
  type DelayingBrokerOptions,
} from '@typewire/testkit'
import { expect, onTestFinished } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { type LabOptions, type RunningLab, startLab, type TestClient } from '../support/lab.ts'
import { seed } from './seed.ts'

export type Hall = ReturnType<TestClient['join']['hall']>

export const delaying = (options: Partial<DelayingBrokerOptions> = {}): DelayingBroker =>
  createDelayingBroker({ inner: createMemoryBroker(), seed, ...options })

/** Brokers by name. */
export const brokers: readonly (readonly [name: string, create: () => Broker])[] = [
  ['the memory broker', createMemoryBroker],
  [`the delaying broker, TYPEWIRE_SEED=${seed}`, delaying],
]

/** Brokers and numbers of nodes. */
export const settings = brokers.flatMap(([name, create]) =>
  [1, 3].map((count) => [`${name}, ${count} ${count === 1 ? 'node' : 'nodes'}`, create, count] as const),
)

export interface Member {
  readonly lab: RunningLab
  readonly client: TestClient
  readonly hall: Hall
  readonly sessionId: string
  /** What it has heard in the hall. */
  readonly heard: string[]
}

/** Servers that one broker joins. */
export async function startNodes(broker: Broker, count: number, options: LabOptions = {}): Promise<RunningLab[]> {
  const labs: RunningLab[] = []
  for (let i = 0; i < count; i++) labs.push(await startLab({ ...options, server: { broker, ...options.server } }))
  onTestFinished(async () => {
    // One whose broker does not answer any more closes when it has waited long enough.
    await Promise.all(labs.map(closeInTime))
  })
  return labs
}

async function closeInTime({ server, clock }: RunningLab): Promise<void> {
  let isClosed = false
  const closed = server.close({ drainMs: 0 }).then(() => (isClosed = true))
  for (let i = 0; i < 10_000 && !isClosed; i++) await clock.advance(100)
  await closed
}

/** A client of a server, in a hall, heard out. */
export async function enter(lab: RunningLab, id = 'h'): Promise<Member> {
  const client = lab.client()
  const hall = client.join.hall({ id })
  const heard: string[] = []
  hall.on.said(({ text }) => void heard.push(text))
  await hall.ready
  const { current } = client.status
  if (current.state !== 'open') throw new Error(`The client is ${current.state}.`)
  return { lab, client, hall, heard, sessionId: current.sessionId }
}

/** Waits until all have heard a text: what was published in their hall before has come as well. */
export async function heardAll(members: readonly Member[], text: string): Promise<void> {
  await eventually(() => members.every(({ heard }) => heard.includes(text)), `all hear ${text}`)
}

/** What a hall of a server is told. */
export const say = ({ server }: RunningLab, text: string, id = 'h'): void =>
  server.rooms.hall({ id }).emit.said({ text })

/** A broker whose channels do what a test says, at once where it says nothing. */
export interface ControlledBroker {
  readonly broker: DelayingBroker
  readonly asked: BrokerOperation[]
  /** What becomes of the next things of this kind that are asked about rooms, in turn. */
  readonly next: (name: BrokerOperation['name'], ...faults: (BrokerFault | Promise<BrokerFault>)[]) => void
  /** How many are subscribed to, of the rooms' channels, as the nodes were answered or not. */
  readonly subscribed: () => Promise<number>
}

export function controlled(): ControlledBroker {
  const inner = createMemoryBroker()
  const spy = inner.connect('spy', { onPublication: () => {}, onPresence: () => {}, onMessage: () => {} })
  const asked: BrokerOperation[] = []
  const planned = new Map<string, (BrokerFault | Promise<BrokerFault>)[]>()
  const isOfRooms = ({ target, name }: BrokerOperation) => target.startsWith('hall') || name === 'close'
  const broker = createDelayingBroker({
    inner,
    seed,
    maxTurns: 0,
    fault(operation) {
      if (!isOfRooms(operation)) return 'pass'
      asked.push(operation)
      return planned.get(operation.name)?.shift() ?? 'pass'
    },
  })
  return {
    broker,
    asked,
    next: (name, ...faults) => void planned.set(name, [...(planned.get(name) ?? []), ...faults]),
    async subscribed() {
      const channels = new Set(asked.map(({ target }) => target))
      const lists = await Promise.all([...channels].map(async (channel) => spy.subscribers(channel)))
      return lists.flat().length
    },
  }
}

/** Holds something back until it is let go. */
export function gate(): { readonly wait: Promise<BrokerFault>; readonly open: (fault?: BrokerFault) => void } {
  let open!: (fault: BrokerFault) => void
  const wait = new Promise<BrokerFault>((resolve) => (open = resolve))
  return { wait, open: (fault = 'pass') => open(fault) }
}

/** Nothing was reported at any of these. */
export function expectNoErrors(labs: readonly RunningLab[]): void {
  expect(labs.flatMap(({ errors }) => errors)).toEqual([])
}
