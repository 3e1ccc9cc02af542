import type { Publication } from '@typewire/core'
import { payloadOf } from '../delivery.ts'
import type { ServerNode } from '../node.ts'
import { askMembers } from './ask-members.ts'
import type { Room } from './room.ts'

/** Something was published in a room that has members here: tells them, or asks them where acks are asked for. */
export function onPublication(node: ServerNode, room: Room, publication: Publication): void {
  const { event: name, ask, except = [] } = publication
  if (!ask) return room.deliver(publication)
  const event = room.kind.toClient.get(name)
  const members = event ? [...room.members].filter(({ id }) => !except.includes(id)) : []
  const answering = node.questions.answer(ask, async (signal) => {
    if (!event) return []
    const id = node.nextRequestId()
    const where = `${room.kind.kind}.${name}`
    const { timeoutMs } = ask
    return askMembers(node, members, {
      id,
      where,
      frame: room.question(id, event, payloadOf(publication)),
      timeoutMs,
      signal,
    })
  })
  answering.catch((error: unknown) => node.incidents.report(error, `room ${room.key} emitWithAck`))
}
