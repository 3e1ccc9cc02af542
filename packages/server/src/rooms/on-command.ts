import type { MemberChoice, Publication } from '@typewire/core'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import type { Commands } from './commands.ts'
import { isExcepted, type Room } from './room.ts'

/** A node asks something of a room that has members here, or somebody who is about to be one. */
export function onCommand(node: ServerNode, room: Room, { event: name, payload, except, ask }: Publication): void {
  const run = commands[name as keyof Commands] as Run<keyof Commands> | undefined
  if (!ask || !run) return // of a later version: whoever asks learns that nobody has answered
  const given = JSON.parse(payload.slice(1)) as Commands[keyof Commands]
  const isMeant = (session: PeerSession) => !isExcepted(session, except)
  const answering = node.questions.answer(ask, () => run(node, room, given, isMeant))
  answering.catch((error: unknown) => node.incidents.report(error, `room ${room.key} ${name.slice(1)}`))
}

/** Gives this node's answer, plain JSON. What it can do at once, it has done when it returns. */
type Run<Name extends keyof Commands> = (
  node: ServerNode,
  room: Room,
  given: Commands[Name],
  isMeant: (session: PeerSession) => boolean,
) => unknown

const commands: { readonly [Name in keyof Commands]: Run<Name> } = {
  $members: (_, room, _given, isMeant) =>
    [...room.members].filter(isMeant).map((session) => [session.id, identityIn(room, session)] as const),

  $evict(_, room, { who, reason }, isMeant) {
    for (const session of new Set([...room.members, ...room.joining])) {
      if (isMeant(session) && isChosen(room, session, who)) session.memberships.leaveByServer(room.key, reason)
    }
  },

  /** Answers how many could not be judged. Joins that are under way are judged anew by themselves. */
  $reauthorize(node, room, { who }, isMeant) {
    room.reviews++
    const members = [...room.members].filter((session) => isMeant(session) && isChosen(room, session, who))
    return node.reviews.ofMembers(room, members)
  },
}

function isChosen(room: Room, session: PeerSession, who: MemberChoice | undefined): boolean {
  if (!who) return true
  return 'id' in who ? session.id === who.id : identityIn(room, session) === who.identity
}

/** Who it is in the namespace of the room: members have opened that. */
function identityIn({ kind }: Room, { accesses }: PeerSession): string | null {
  return accesses.get(kind.namespace)?.identity ?? null
}
