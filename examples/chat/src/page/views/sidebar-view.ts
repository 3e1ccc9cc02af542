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
        showUnread(link, model.openedRoom(id)?.unread ?? 0)
      },
    })
    showKeyed(this.#people, model.people, {
      key: ({ id }) => id,
      make: (person) => {
        const isYou = person.id === model.you?.id
        const you = isYou ? [make('span', 'hint', 'you')] : []
        return make('li', '', disc(person, isYou), make('bdi', '', person.name), ...you)
      },
    })
    const when = model.client.status.current.state === 'open' ? 'Here now' : 'Here before'
    setText(this.#peopleTitle, `${when} (${model.people.length})`)
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
