import type { Publication } from '@typewire/core'
import { payloadOf } from '../delivery.ts'
import type { ServerNode } from '../node.ts'
import { askMembers, packAnswers } from './ask-members.ts'
import { onCommand } from './on-command.ts'
import type { Room } from './room.ts'

/** Something was published in a room that has members here: tells them, or asks them where acks are asked for. */
export function onPublication(node: ServerNode, room: Room, publication: Publication): void {
  const { event: name, ask, copies, except = [] } = publication
  if (name.startsWith('$')) return onCommand(node, room, publication)
  if (!ask && !copies) return room.deliver(publication)
  const meant = [...room.members].filter(({ id }) => !except.includes(id))
  const members = copies ? node.copies.take(room.key, copies, meant) : meant
  if (!ask) return room.deliver(publication, members)
  const event = room.kind.toClient.get(name)
  const answering = node.questions.answer(ask, async (signal) => {
    if (!event) return []
    const id = node.nextRequestId()
    const where = `${room.kind.kind}.${name}`
    const { timeoutMs } = ask
    const frame = room.question(id, event, payloadOf(publication))
    return packAnswers(await askMembers(node, members, { id, where, frame, timeoutMs, signal }))
  })
  answering.catch((error: unknown) => node.incidents.report(error, `room ${room.key} emitWithAck`))
}
