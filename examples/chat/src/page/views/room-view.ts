import type { ChatModel } from '../chat-model.ts'
import { byId, make, setText } from '../dom.ts'
import type { OpenRoom } from '../open-room.ts'

/** What frames the messages: the room's name, who is typing, and what is said where there are no messages. */
export class RoomView {
  readonly #name = byId('room-name', HTMLElement)
  readonly #topic = byId('room-topic', HTMLElement)
  readonly #unreadElsewhere = byId('unread-elsewhere', HTMLElement)
  readonly #empty = byId('empty', HTMLElement)
  readonly #typing = byId('typing', HTMLElement)
  readonly #onMakeRoom: (name: string) => void
  readonly #onTryAgain: (roomId: string) => void
  #shownEmpty = ''
  #shownTyping = ''

  constructor(onMakeRoom: (name: string) => void, onTryAgain: (roomId: string) => void) {
    this.#onMakeRoom = onMakeRoom
    this.#onTryAgain = onTryAgain
  }

  render(model: ChatModel, room: OpenRoom): void {
    const { name, topic } = model.describe(room.id)
    setText(this.#name, name)
    setText(this.#topic, topic)
    document.title = `${model.unread > 0 ? `(${model.unread}) ` : ''}${name} · Typewire chat`
    this.#unreadElsewhere.hidden = model.unread === 0
    setText(this.#unreadElsewhere, String(model.unread))
    this.#showTyping(room.typing.names)
    this.#showEmpty(room, name)
  }

  /** `Ada is typing …`, `Ada and Grace are …`, `Ada, Grace and 2 more are …` */
  #showTyping(names: readonly string[]): void {
    const shown = names.join('\n')
    if (shown === this.#shownTyping) return // a live region speaks at each change, also to the same
    this.#shownTyping = shown
    const [first, second] = names.map((name) => make('bdi', '', name))
    const more = names.length - 2
    if (!first) this.#typing.replaceChildren()
    else if (!second) this.#typing.replaceChildren(first, ' is typing …')
    else if (more === 0) this.#typing.replaceChildren(first, ' and ', second, ' are typing …')
    else this.#typing.replaceChildren(first, ', ', second, ` and ${more} more are typing …`)
  }

  #showEmpty(room: OpenRoom, name: string): void {
    const { state, log, outbox } = room
    const isEmpty = log.messages.length === 0 && outbox.items.length === 0 && !log.isMissing
    this.#empty.hidden = !isEmpty && (state.name === 'open' || state.name === 'opening')
    const shown = JSON.stringify([room.id, state])
    if (shown === this.#shownEmpty) return
    this.#shownEmpty = shown
    this.#empty.replaceChildren(...this.#emptyText(room, name))
  }

  #emptyText({ id, state }: OpenRoom, name: string): Node[] {
    switch (state.name) {
      case 'opening':
        return [make('p', 'hint', 'Opening …')]
      case 'open':
        return [make('h2', '', 'Nothing has been said here yet'), make('p', 'hint', 'The first word is yours.')]
      case 'gone': {
        const button = make('button', 'primary', 'Open it')
        button.type = 'button'
        button.addEventListener('click', () => this.#onMakeRoom(name))
        const why = 'It was never opened, or the server has been restarted and has forgotten it.'
        return [make('h2', '', 'There is no room ', make('bdi', '', name)), make('p', 'hint', why), button]
      }
      case 'failed': {
        const button = make('button', '', 'Try again')
        button.type = 'button'
        button.addEventListener('click', () => this.#onTryAgain(id))
        return [make('h2', '', 'This room could not be opened'), make('p', 'error', state.why), button]
      }
    }
  }
}
