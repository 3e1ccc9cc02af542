import { type MemberChoice, TypewireError } from '@typewire/core'
import type { ServerNode } from '../node.ts'
import { type RoomIdentity, shownRoom } from './rooms.ts'

/**
 * What one node asks of all that have members of a room. They are published in the room like its events, so that each
 * takes effect at one place among these, wherever the member is.
 */
export interface Commands {
  readonly $members: {}
  readonly $evict: { readonly who?: MemberChoice | undefined; readonly reason: string }
  readonly $reauthorize: { readonly who?: MemberChoice | undefined }
}

/**
 * Publishes a command in a room, behind what was emitted before, and gives what each node has answered.
 * @throws TypewireError `TIMED_OUT` when one has not; `OVERLOADED` when too much waits before it.
 */
export async function command<Name extends keyof Commands>(
  { orders, questions, rooms, settings }: ServerNode,
  room: RoomIdentity & { readonly except: readonly string[] },
  name: Name,
  given: Commands[Name],
): Promise<readonly unknown[]> {
  const { timeoutMs } = settings
  const { key, except } = room
  const publication = { event: name, payload: `,${JSON.stringify(given)}`, ...(except.length > 0 ? { except } : {}) }
  // Somebody here may be about to enter, and had asked before: the node must hear what becomes of that.
  const opened = rooms.find(key)?.opened
  if (opened) await opened.catch(() => {})
  const { answers, missing } = await new Promise<Awaited<ReturnType<typeof questions.ask>>>((resolve, reject) => {
    const ask = () => resolve(questions.ask(key, publication, { timeoutMs, signal: undefined, history: undefined }))
    orders.run(key, undefined, ask, reject)
  })
  if (missing === 0) return answers
  const what = `nodes that have not answered within ${timeoutMs} ms: ${missing}.`
  throw new TypewireError('TIMED_OUT', `Room ${shownRoom(room)} ${name.slice(1)}: ${what}`)
}

/** @throws TypeError for what names nobody. */
export function checkedChoice(who: MemberChoice, where: string): MemberChoice {
  const { id, identity } = Object(who) as { readonly id?: unknown; readonly identity?: unknown }
  if (typeof id === 'string') return { id } // a session has an identity too
  if (typeof identity === 'string') return { identity }
  throw new TypeError(`${where}(who): give a session, { id }, or { identity }. For all members there is close().`)
}
