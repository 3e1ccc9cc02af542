import { type CallOptions, isTypewireError, type MemberAck, type TypewireError } from '@typewire/core'
import { expect } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { type LabSession, type RunningLab, startLab, type TestClient } from '../support/lab.ts'
import { tapWire, type WireTap } from '../support/wire-tap.ts'

/** What became of something that was asked: `ok`, an error's code, or, at a member of a room, its status and code. */
export interface Fate {
  readonly name: string
  readonly error: TypewireError | undefined
}

/** A client and a server in one session, ready for anything that one asks of the other. */
export interface Stage {
  readonly lab: RunningLab
  readonly client: TestClient
  readonly tap: WireTap
  readonly session: LabSession
  readonly hall: ReturnType<TestClient['join']['hall']>
  /** What the handler does that is asked, whichever side it is on. */
  answer: (signal: AbortSignal | undefined) => unknown
  /** The signals of the handlers that have begun; a client's handlers have none. */
  readonly begun: (AbortSignal | undefined)[]
  /** Every state that a handle of `join` went through. */
  readonly joinStates: string[]
}

/** A secret that a handler throws; nothing of it may travel. */
export const secret = 'the password is xyzzy'

export const roomOfStage = { id: 'stage' }
const roomToJoin = { id: 'join me' }

/** Opens a session whose client is in the room and hears all events. */
export async function openStage(): Promise<Stage> {
  const tap = tapWire()
  const begun: Stage['begun'] = []
  const run = (signal: AbortSignal | undefined) => {
    begun.push(signal)
    return stage.answer(signal) as never
  }
  const lab = await startLab({
    handlers: {
      procedures: { work: ({ signal }) => run(signal) },
      events: { save: ({ signal }) => run(signal) },
      rooms: {
        hall: {
          authorize: ({ params, signal }) => params.id === roomOfStage.id || run(signal),
          events: { vote: ({ signal }) => run(signal) },
        },
      },
    },
  })
  const client = lab.client()
  const hall = client.join.hall(roomOfStage)
  await hall.ready
  client.on.ask(() => run(undefined))
  hall.on.poll(() => run(undefined))
  const session = lab.session()
  const stage: Stage = { lab, client, tap, session, hall, answer: () => undefined, begun, joinStates: [] }
  return stage
}

/** How something is asked. */
export interface Asking {
  /** By a name that the other side does not know. */
  readonly byUnknownName?: boolean
  /** With a payload that does not match the contract. */
  readonly withWrongPayload?: boolean
  /** Of what nobody handles. */
  readonly withoutHandler?: boolean
  readonly options?: CallOptions
}

export interface Subject {
  /** Which side asks, and so keeps the time limit of the one who asks. */
  readonly asker: 'client' | 'server'
  /** The answer that the contract asks for. */
  readonly good: unknown
  readonly ask: (stage: Stage, asking: Asking) => Promise<Fate>
}

type LooseVerbs = Readonly<Record<string, (payload: unknown, options?: CallOptions) => Promise<unknown>>>

const loosely = (verbs: object) => verbs as LooseVerbs

/** Everything of which an answer is awaited. */
export const subjects = {
  call: {
    asker: 'client',
    good: { doubled: 2 },
    ask: ({ client }, asking) =>
      fateOf(loosely(client.call)[asking.byUnknownName ? 'nope' : 'work']!(workPayload(asking), asking.options)),
  },
  'client.emitWithAck': {
    asker: 'client',
    good: { saved: 1 },
    ask: ({ client }, asking) =>
      fateOf(loosely(client.emitWithAck)[asking.byUnknownName ? 'nope' : 'save']!(workPayload(asking), asking.options)),
  },
  'room.emitWithAck': {
    asker: 'client',
    good: { count: 1 },
    ask: ({ hall }, asking) => {
      const name = asking.byUnknownName ? 'nope' : asking.withoutHandler ? 'say' : 'vote'
      return fateOf(loosely(hall.emitWithAck)[name]!(textPayload(asking), asking.options))
    },
  },
  'session.emitWithAck': {
    asker: 'server',
    good: { yes: true },
    ask: ({ session }, asking) =>
      fateOf(
        loosely(session.emitWithAck)[asking.withoutHandler ? 'notice' : 'ask']!(textPayload(asking), asking.options),
      ),
  },
  'rooms.emitWithAck': {
    asker: 'server',
    good: { yes: true },
    ask: ({ lab }, asking) => {
      const room = lab.server.rooms.hall(roomOfStage)
      const acks = loosely(room.emitWithAck)[asking.withoutHandler ? 'said' : 'poll']!
      return fateOfMember(acks(textPayload(asking), asking.options) as Promise<readonly MemberAck<unknown>[]>)
    },
  },
  join: {
    asker: 'client',
    good: true,
    ask: (stage, asking) => {
      const kind = asking.byUnknownName ? 'nope' : asking.withoutHandler ? 'office' : 'hall'
      const params = asking.withWrongPayload ? { id: 1 } : roomToJoin
      const join = stage.client.join as unknown as Readonly<
        Record<string, (params: unknown, options?: CallOptions) => Stage['hall']>
      >
      const handle = join[kind]!(params, asking.options)
      stage.joinStates.push(handle.status.current.state)
      handle.status.subscribe(() => stage.joinStates.push(handle.status.current.state))
      return fateOf(handle.ready)
    },
  },
} satisfies Readonly<Record<string, Subject>>

export type SubjectName = keyof typeof subjects

const workPayload = ({ withWrongPayload }: Asking) => (withWrongPayload ? { n: 'one' } : { n: 1 })
const textPayload = ({ withWrongPayload }: Asking) => (withWrongPayload ? { text: 1 } : { text: 'hi' })

async function fateOf(promise: Promise<unknown>): Promise<Fate> {
  const result = await settled(promise, 'what was asked')
  if (result.status === 'fulfilled') return { name: 'ok', error: undefined }
  const error: unknown = result.reason
  return isTypewireError(error) ? { name: error.code, error } : { name: String(error), error: undefined }
}

async function fateOfMember(promise: Promise<readonly MemberAck<unknown>[]>): Promise<Fate> {
  const result = await settled(promise, 'what was asked of the members')
  if (result.status === 'rejected') return fateOf(promise)
  expect(result.value).toHaveLength(1)
  const [member] = result.value
  if (member?.status !== 'failed') return { name: member?.status ?? 'nothing', error: undefined }
  const { error } = member
  return isTypewireError(error)
    ? { name: `failed ${error.code}`, error }
    : { name: `failed ${String(error)}`, error: undefined }
}

/** Handlers that do not end, until all is settled: then they end all the same, or never. */
export class Hanging {
  readonly #late: 'answer' | 'throw' | 'never'
  #endings: (() => void)[] = []

  constructor(late: 'answer' | 'throw' | 'never' = 'answer') {
    this.#late = late
  }

  answer(good: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#endings.push(() => (this.#late === 'answer' ? resolve(good) : reject(new Error(secret))))
    })
  }

  /** Gives whether there was anything to throw. */
  endAll(): boolean {
    if (this.#late === 'never') return false
    const endings = this.#endings.splice(0)
    for (const end of endings) end()
    return endings.length > 0 && this.#late === 'throw'
  }
}

/** The handler has begun. */
export async function untilBegun({ begun }: Stage): Promise<void> {
  await eventually(() => begun.length > 0, 'the handler begins')
}

/** The handler hears that nobody waits any more. A client's handlers have no signal to hear it by. */
export async function untilHandlerAborted({ begun: [signal] }: Stage): Promise<void> {
  if (signal) await eventually(() => signal.aborted, "the handler's signal aborts")
}

const tcpHandles = () => process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length

/** Runs a test on a stage, leaves the stage, and asserts that nothing of it is left on either end. */
export async function onStage(hanging: Hanging, run: (stage: Stage) => Promise<void>): Promise<void> {
  const handlesBefore = tcpHandles()
  const stage = await openStage()
  const { lab, client, tap } = stage
  await run(stage)

  const statesBefore = [...stage.joinStates]
  const errorsBefore = lab.errors.length + client.errors.length
  const throwsLate = hanging.endAll() // too late
  await quiet()
  expect(lab.errors.length + client.errors.length - errorsBefore, 'late errors that were reported').toBe(
    throwsLate ? 1 : 0,
  )
  await lab.dispose()
  await quiet()

  expect(tap.answeredTwice(), 'ids that were answered twice').toEqual([])
  expect([...lab.server.sessions], 'sessions').toEqual([])
  expect(lab.clock.pending, "timers of the server's clock").toBe(0)
  expect(client.clock.pending, "timers of the client's clock").toBe(0)
  const wire = JSON.stringify([...tap.fromServer(), ...tap.fromClient()])
  expect(wire).not.toContain('xyzzy')
  await eventually(() => tcpHandles() <= handlesBefore, 'sockets are closed')
  if (statesBefore.at(-1) !== 'joined') expect(stage.joinStates, 'states of the handle').toEqual(statesBefore)
}
