import type { RawPeer } from '@typewire/testkit'
import { frames } from '@typewire/core/internal'
import type { createClient } from '@typewire/client'
import type { Lab } from '../support/contract.ts'
import { type LabHandlers, type LabOptions, type RunningLab, startLab } from '../support/lab.ts'

export type Hall = ReturnType<ReturnType<typeof createClient<Lab>>['join']['hall']>
type HallHandlers = NonNullable<NonNullable<LabHandlers['rooms']>['hall']>

export interface HistoryLabOptions {
  readonly history?: HallHandlers['history']
  readonly hall?: Partial<HallHandlers>
  readonly server?: LabOptions['server']
}

/** A server whose halls keep what is said in them. What members say goes to the others. */
export async function historyLab({ history = {}, hall = {}, server = {} }: HistoryLabOptions = {}) {
  const lab = await startLab({
    server,
    handlers: {
      rooms: {
        hall: {
          authorize: () => true,
          events: { say: ({ room, payload, session }) => room.except(session).emit.said(payload) },
          history,
          ...hall,
        },
      },
    },
  })
  return { ...lab, ...speaker(lab) }
}

function speaker({ server }: RunningLab) {
  const room = () => server.rooms.hall({ id: 'h' })
  /** Says numbers in the hall, from one to another. */
  const say = (from: number, to = from) => {
    for (let n = from; n <= to; n++) room().emit.said({ text: `${n}` })
  }
  return { room, say }
}

export interface JoinResult {
  readonly room: number
  readonly epoch: string
  readonly offset: number
  readonly recovered?: boolean
}

/** Asks by hand to join the hall. Ids must rise. */
export function askToJoin(peer: RawPeer, wish: object = {}, id = 1): void {
  peer.send([frames.call.kind, id, '$join', 0, { kind: 'hall', params: { id: 'h' }, ...wish }])
}

/** Joins the hall by hand. */
export async function joinByHand(peer: RawPeer, wish: object = {}, id = 1): Promise<JoinResult> {
  askToJoin(peer, wish, id)
  const [, answered, result] = await peer.readKind(frames.result.kind)
  if (answered !== id) throw new Error(`The answer is to ${String(answered)}.`)
  return result as JoinResult
}

/** What an event says and where it stands, as `5:text`; a position as `(5)`. */
export function readable(frame: readonly unknown[]): string {
  if (frame[0] === frames.position.kind) return `(${String(frame[3])})${frame[4] === 0 ? '' : '!'}`
  const [, , , , options, payload] = frame as [number, number, number, string, { offset: number } | 0, { text: string }]
  return `${options === 0 ? '-' : options.offset}:${payload.text}`
}

/** The next so many frames. */
export async function hear(peer: RawPeer, count: number): Promise<string[]> {
  const heard: string[] = []
  for (let i = 0; i < count; i++) heard.push(readable(await peer.read()))
  return heard
}

/** What a handle hears, from now on: texts, and what is missed. */
export function listen(hall: Hall): string[] {
  const heard: string[] = []
  hall.on.said(({ text }) => void heard.push(text))
  hall.onMissed(({ reason }) => void heard.push(`missed: ${reason}`))
  return heard
}
