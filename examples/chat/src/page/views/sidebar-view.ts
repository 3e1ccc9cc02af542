import type { ChatModel } from '../chat-model.ts'
import { byId, make, setText, showKeyed } from '../dom.ts'
import { disc } from './disc.ts'

/** The rooms, who is here, and who one is. */
export class SidebarView {
  readonly #rooms = byId('rooms', HTMLElement)
  readonly #people = byId('people', HTMLElement)
  readonly #peopleTitle = byId('people-title', HTMLElement)
  readonly #myName = byId('my-name', HTMLElement)

  render(model: ChatModel): void {
    showKeyed(this.#rooms, model.rooms, {
      key: ({ id }) => id,
      make: ({ id, name }) => {
        const link = make('a', '', make('bdi', '', name))
        link.href = `#${encodeURIComponent(id)}`
        return make('li', '', link)
      },
      update: (element, { id }) => {
        const link = element.firstElementChild as HTMLAnchorElement
        if (id === model.current?.id) link.ariaCurrent = 'page'
        else link.ariaCurrent = null
        showUnread(link, model.openedRoom(id)?.log.unread ?? 0)
      },
    })
    const members = model.current?.members ?? []
    showKeyed(this.#people, members, {
      key: ({ id }) => id,
      make: (person) => {
        const isYou = person.id === model.you?.id
        return make('li', '', disc(person, isYou), make('bdi', '', person.name), make('span', 'hint'))
      },
      update: (element, { id, isAway }) => {
        element.classList.toggle('away', isAway)
        setText(element.lastElementChild as HTMLElement, id === model.you?.id ? 'you' : isAway ? 'away' : '')
      },
    })
    setText(this.#peopleTitle, `${model.isConnected ? 'Here now' : 'Here before'} (${members.length})`)
    setText(this.#myName, model.you?.name ?? '…')
  }
}

/** The number of messages that nobody has seen, at the end of a link. */
function showUnread(link: HTMLElement, unread: number): void {
  let count = link.querySelector<HTMLElement>('.count')
  if (unread === 0) return count?.remove()
  if (!count) {
    count = make('span', 'count')
    link.append(' ', count)
  }
  setText(count, String(unread))
  count.ariaLabel = `${unread} unread`
  count.role = 'img' // a name needs a role to be read
}
