import type { Position, Publication } from '@typewire/core'
import { payloadOf } from '../delivery.ts'
import type { ServerNode } from '../node.ts'
import type { PeerSession } from '../peer-session.ts'
import { askMembers, packAnswers } from './ask-members.ts'
import { onCommand } from './on-command.ts'
import { isExcepted, type Room } from './room.ts'

/** Something was published in a room that has members here: tells them, or asks them where acks are asked for. */
export function onPublication(node: ServerNode, room: Room, publication: Publication, position?: Position): void {
  const { event: name, ask, copies, except } = publication
  if (name.startsWith('$')) return onCommand(node, room, publication)
  if (!ask && !copies) return room.deliver(publication, position)
  const meant = [...room.members].filter((member) => !isExcepted(member, except))
  const fresh = copies ? node.copies.take(room.key, copies, meant) : meant
  if (!ask) return room.deliver(publication, position, new Set(fresh))
  const event = room.kind.toClient.get(name)
  const members = event ? fresh : []
  if (position) {
    const asked = new Set(members)
    const frame = { text: room.positionText(position) }
    for (const member of room.members) if (!asked.has(member)) member.wire.send(frame)
  }
  const answering = node.questions.answer(ask, async (signal) => {
    if (!event) return []
    const id = node.nextRequestId()
    const where = `${room.kind.kind}.${name}`
    const { timeoutMs } = ask
    const onRefused = (member: PeerSession) => {
      if (position) member.wire.send({ text: room.positionText(position, '{"missed":true}') })
    }
    const frame = room.question(id, event, payloadOf(publication), position?.offset)
    return packAnswers(await askMembers(node, members, { room, id, where, frame, timeoutMs, signal, onRefused }))
  })
  answering.catch((error: unknown) => node.incidents.report(error, `room ${room.key} emitWithAck`))
}
