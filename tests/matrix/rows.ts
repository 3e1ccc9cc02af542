import { expect } from 'vitest'
import { eventually } from '../support/eventually.ts'
import {
  type Fate,
  type Hanging,
  secret,
  type Stage,
  type Subject,
  type SubjectName,
  subjects,
  untilBegun,
  untilHandlerAborted,
} from './stage.ts'

/** A cell that cannot exist, and why. */
const never = (reason: string) => ({ reason }) as const

/** One thing that can become of whatever is asked. */
export interface Row {
  readonly title: string
  /** The fate in each column. */
  readonly fates: Readonly<Record<SubjectName, string | { readonly reason: string }>>
  readonly run: (stage: Stage, subject: Subject, hanging: Hanging) => Promise<Fate>
  /** What `onError` gets, at the side where the handler is: nothing by default. */
  readonly reported?: 'what was thrown' | 'what was answered wrongly'
  /** How handlers end that have not ended when all is settled: by answering, unless this says otherwise. */
  readonly late?: 'throw' | 'never'
  /** What becomes of the session where it does not go on as if nothing had been. */
  readonly session?: 'follows' | 'ends'
}

const typed = (verb: string) => never(`the server has no \`${verb}\` verb for a name that its contract does not have`)

/** Asks what nobody will answer, and gives what becomes of it after something has happened. */
async function askInVain(
  stage: Stage,
  { ask, good }: Subject,
  hanging: Hanging,
  happen: (isOver: () => boolean) => unknown,
  options = {},
): Promise<Fate> {
  stage.answer = () => hanging.answer(good)
  let over = false
  const fate = ask(stage, { options }).finally(() => (over = true))
  await untilBegun(stage)
  await happen(() => over)
  return fate
}

/** The same, and the link is cut. The client's next attempt is welcomed, and there is an answer from then on. */
function askAndCut(stage: Stage, subject: Subject, hanging: Hanging, cut: () => void): Promise<Fate> {
  return askInVain(stage, subject, hanging, async () => {
    stage.answer = () => subject.good
    cut()
    await untilClient(stage, 'waiting')
    await stage.client.clock.advance(1)
    await untilClient(stage, 'open')
  })
}

const untilClient = ({ client }: Stage, state: string) =>
  eventually(() => client.status.current.state === state, `the client is ${state}`)

export const rows: readonly Row[] = [
  {
    title: 'all is well',
    fates: {
      call: 'ok',
      'client.emitWithAck': 'ok',
      'room.emitWithAck': 'ok',
      'session.emitWithAck': 'ok',
      'rooms.emitWithAck': 'acked',
      join: 'ok',
    },
    run: (stage, { ask, good }) => {
      stage.answer = () => good
      return ask(stage, {})
    },
  },
  {
    title: 'unknown name',
    fates: {
      call: 'NOT_FOUND',
      'client.emitWithAck': 'NOT_FOUND',
      'room.emitWithAck': 'NOT_FOUND',
      'session.emitWithAck': typed('session.emitWithAck'),
      'rooms.emitWithAck': typed('rooms.x().emitWithAck'),
      join: 'NOT_FOUND',
    },
    run: (stage, { ask }) => ask(stage, { byUnknownName: true }),
  },
  {
    title: 'nobody handles it',
    fates: {
      call: never('implement refuses a procedure without a handler'),
      'client.emitWithAck': never('implement refuses an event without a handler'),
      'room.emitWithAck': 'NO_HANDLER',
      'session.emitWithAck': 'NO_HANDLER',
      'rooms.emitWithAck': 'failed NO_HANDLER',
      join: 'FORBIDDEN',
    },
    run: async (stage, { ask }) => {
      const fate = ask(stage, { withoutHandler: true })
      if (ask === subjects.join.ask) {
        // A room without `authorize` waits for server code, up to the time limit.
        await eventually(() => stage.lab.clock.pending > 0, 'the join is at the server')
        await stage.lab.clock.advance(30_010)
      }
      return fate
    },
  },
  {
    title: 'invalid input',
    fates: {
      call: 'INVALID_INPUT',
      'client.emitWithAck': 'INVALID_INPUT',
      'room.emitWithAck': 'INVALID_INPUT',
      'session.emitWithAck': 'INVALID_OUTPUT',
      'rooms.emitWithAck': 'INVALID_OUTPUT',
      join: 'INVALID_INPUT',
    },
    run: async (stage, { ask }) => {
      const fate = await ask(stage, { withWrongPayload: true })
      expect(stage.begun).toEqual([])
      expect(fate.error?.issues ?? fate.error?.message).toBeDefined()
      return fate
    },
  },
  {
    title: 'invalid output',
    fates: {
      call: 'INTERNAL',
      'client.emitWithAck': 'INTERNAL',
      'room.emitWithAck': 'INTERNAL',
      'session.emitWithAck': 'INVALID_ACK',
      'rooms.emitWithAck': 'failed INVALID_ACK',
      join: 'FORBIDDEN',
    },
    reported: 'what was answered wrongly',
    run: (stage, { ask }) => {
      stage.answer = () => ({ wrong: 'shape' })
      return ask(stage, {})
    },
  },
  {
    title: 'handler throws',
    fates: {
      call: 'INTERNAL',
      'client.emitWithAck': 'INTERNAL',
      'room.emitWithAck': 'INTERNAL',
      'session.emitWithAck': 'INTERNAL',
      'rooms.emitWithAck': 'failed INTERNAL',
      join: 'INTERNAL',
    },
    reported: 'what was thrown',
    run: (stage, { ask }) => {
      stage.answer = () => {
        throw new Error(secret)
      }
      return ask(stage, {})
    },
  },
  {
    title: 'handler rejects',
    fates: {
      call: 'INTERNAL',
      'client.emitWithAck': 'INTERNAL',
      'room.emitWithAck': 'INTERNAL',
      'session.emitWithAck': 'INTERNAL',
      'rooms.emitWithAck': 'failed INTERNAL',
      join: 'INTERNAL',
    },
    reported: 'what was thrown',
    run: (stage, { ask }) => {
      stage.answer = () => Promise.reject(new Error(secret))
      return ask(stage, {})
    },
  },
  {
    title: 'handler never ends, no time limit was given',
    fates: {
      call: 'TIMED_OUT',
      'client.emitWithAck': 'TIMED_OUT',
      'room.emitWithAck': 'TIMED_OUT',
      'session.emitWithAck': 'TIMED_OUT',
      'rooms.emitWithAck': 'timedOut',
      join: 'TIMED_OUT',
    },
    run: async (stage, subject, hanging) => {
      const fate = await askInVain(stage, subject, hanging, async (isOver) => {
        await stage.lab.clock.advance(29_990)
        expect(isOver()).toBe(false)
        await stage.lab.clock.advance(20)
      })
      await untilHandlerAborted(stage)
      return fate
    },
  },
  {
    title: 'handler never ends, the one who asks gave a time limit',
    fates: {
      call: 'TIMED_OUT',
      'client.emitWithAck': 'TIMED_OUT',
      'room.emitWithAck': 'TIMED_OUT',
      'session.emitWithAck': 'TIMED_OUT',
      'rooms.emitWithAck': 'timedOut',
      join: 'TIMED_OUT',
    },
    late: 'throw',
    run: async (stage, subject, hanging) => {
      const { clock } = subject.asker === 'client' ? stage.client : stage.lab
      const fate = await askInVain(stage, subject, hanging, () => clock.advance(1_010), { timeoutMs: 1_000 })
      await untilHandlerAborted(stage)
      return fate
    },
  },
  {
    title: 'abort by signal before it is asked',
    fates: {
      call: 'ABORTED',
      'client.emitWithAck': 'ABORTED',
      'room.emitWithAck': 'ABORTED',
      'session.emitWithAck': 'ABORTED',
      'rooms.emitWithAck': 'ABORTED',
      join: 'ABORTED',
    },
    run: async (stage, { ask, good }) => {
      stage.answer = () => good
      return ask(stage, { options: { signal: AbortSignal.abort() } })
    },
  },
  {
    title: 'abort by signal',
    fates: {
      call: 'ABORTED',
      'client.emitWithAck': 'ABORTED',
      'room.emitWithAck': 'ABORTED',
      'session.emitWithAck': 'ABORTED',
      'rooms.emitWithAck': 'ABORTED',
      join: 'ABORTED',
    },
    late: 'throw',
    run: async (stage, subject, hanging) => {
      const controller = new AbortController()
      const { signal } = controller
      const fate = await askInVain(stage, subject, hanging, () => controller.abort(), { signal })
      await untilHandlerAborted(stage)
      return fate
    },
  },
  {
    title: "the link is cut at the server's side",
    fates: {
      call: 'SESSION_LOST',
      'client.emitWithAck': 'SESSION_LOST',
      'room.emitWithAck': 'SESSION_LOST',
      'session.emitWithAck': 'SESSION_LOST',
      'rooms.emitWithAck': 'left',
      join: 'ok', // a join is the client's wish, not the session's: it is asked again
    },
    session: 'follows',
    run: (stage, subject, hanging) => askAndCut(stage, subject, hanging, stage.lab.cut),
  },
  {
    title: "the link is cut at the client's side",
    fates: {
      call: 'SESSION_LOST',
      'client.emitWithAck': 'SESSION_LOST',
      'room.emitWithAck': 'SESSION_LOST',
      'session.emitWithAck': 'SESSION_LOST',
      'rooms.emitWithAck': 'left',
      join: 'ok',
    },
    late: 'throw',
    session: 'follows',
    run: (stage, subject, hanging) =>
      askAndCut(stage, subject, hanging, () => stage.tap.clientSockets().at(-1)!.terminate()),
  },
  {
    title: 'the server closes',
    fates: {
      call: 'TIMED_OUT', // offered again until its time limit: the server may come back
      'client.emitWithAck': 'SESSION_LOST',
      'room.emitWithAck': 'SESSION_LOST',
      'session.emitWithAck': 'SESSION_LOST',
      'rooms.emitWithAck': 'left',
      join: 'TIMED_OUT', // the same
    },
    late: 'never',
    session: 'ends',
    run: async (stage, subject, hanging) => {
      const goesOn = subject === subjects.join || subject === subjects.call
      const options = goesOn ? { timeoutMs: 5_000 } : {}
      const close = async () => {
        await stage.lab.close()
        await untilClient(stage, 'waiting')
        if (goesOn) await stage.client.clock.advance(6_000)
      }
      return askInVain(stage, subject, hanging, close, options)
    },
  },
  {
    title: 'the server closes the session',
    fates: {
      call: 'SESSION_LOST',
      'client.emitWithAck': 'SESSION_LOST',
      'room.emitWithAck': 'SESSION_LOST',
      'session.emitWithAck': 'SESSION_LOST',
      'rooms.emitWithAck': 'left',
      join: 'SESSION_LOST',
    },
    session: 'ends',
    run: (stage, subject, hanging) => askInVain(stage, subject, hanging, () => stage.session.close('enough')),
  },
  {
    title: 'the client closes',
    fates: {
      call: 'CLOSED',
      'client.emitWithAck': 'CLOSED',
      'room.emitWithAck': 'CLOSED',
      'session.emitWithAck': 'SESSION_LOST',
      'rooms.emitWithAck': 'left',
      join: 'CLOSED',
    },
    late: 'never',
    session: 'ends',
    run: async (stage, subject, hanging) => {
      const fate = await askInVain(stage, subject, hanging, () => stage.client.close())
      await untilHandlerAborted(stage)
      return fate
    },
  },
]
