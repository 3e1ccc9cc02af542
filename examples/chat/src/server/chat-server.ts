import { createHash } from 'node:crypto'
import { TypewireError } from '@typewire/core'
import { createServer, type HandlersOf, type Listening, type Server } from '@typewire/server'
import { chat, type Chat, type Person } from '../contract.ts'
import { limits } from '../limits.ts'
import { messageId } from '../message-id.ts'
import { People } from './people.ts'
import { RoomStore } from './room-store.ts'

/** What every handler knows of whoever asks. */
interface Context {
  readonly identity: string
  readonly person: Person
}

type ChatServer = Server<Chat, Context>

/** The chat: its rules, over a contract. It has yet to be attached to an HTTP server. */
export function createChatServer(): Listening {
  const people = new People()
  const store = new RoomStore()
  const server: ChatServer = createServer(chat, {
    authenticate: ({ auth }): Context => {
      // The tab's secret stays between it and us; what others see of it tells two people of one name apart.
      const id = createHash('sha256').update(auth.key).digest('base64url').slice(0, 16)
      const person = { id, name: auth.name }
      if (people.isTaken(person)) throw new TypewireError('UNAUTHORIZED', nameIsTaken)
      return { identity: id, person }
    },
  })
  return server.implement({
    session: ({ session, ctx: { person }, signal }) => {
      // Asked again: somebody may have come in between by the same name.
      if (!people.enter(person)) return session.close(nameIsTaken)
      signal.addEventListener('abort', () => people.leave(person))
      session.emit.welcome({ you: person, rooms: store.rooms() })
    },
    procedures: procedures(server, store, people),
    rooms: {
      chat: {
        authorize: ({ params }) => store.has(params.roomId),
        presence: { of: ({ said: { isAway }, ctx: { person } }) => ({ name: person.name, isAway }) },
        history: { limit: limits.messagesPerRoom, ttlMs: dayMs },
        events: {
          typing: ({ room, session, ctx: { person }, payload: { isTyping } }) =>
            room.except(session).emit.typing({ person, isTyping }),
        },
      },
    },
  })
}

const dayMs = 24 * 60 * 60_000

/** ASCII, since it travels in a close reason. */
const nameIsTaken = 'Somebody here goes by that name already. Choose another one.'

function procedures(server: ChatServer, store: RoomStore, people: People): HandlersOf<ChatServer>['procedures'] {
  return {
    send: ({ input: { roomId, id, text }, ctx: { person }, errors }) => {
      if (!store.has(roomId)) throw errors.NO_SUCH_ROOM({})
      const message = { id: messageId(person.id, id), author: person, text, sentAt: new Date() }
      if (store.hasSaid(roomId, message.id)) return
      const retryAfterMs = people.waitMs(person)
      if (retryAfterMs > 0) throw errors.TOO_FAST({ retryAfterMs })
      store.remember(roomId, message.id)
      server.rooms.chat({ roomId }).emit.message(message)
    },
    openRoom: ({ input: { name }, errors }) => {
      const found = store.find(name)
      if (found) return found
      const room = store.create(name)
      if (!room) throw errors.TOO_MANY_ROOMS({ max: limits.rooms })
      server.emit.rooms(store.rooms())
      return room
    },
  }
}
