import type { ChatModel } from './chat-model.ts'
import { byId } from './dom.ts'
import { setUpNewRoom } from './new-room.ts'
import { Composer } from './views/composer.ts'
import { Drawer } from './views/drawer.ts'
import { MessagesView } from './views/messages-view.ts'
import { RoomView } from './views/room-view.ts'
import { SidebarView } from './views/sidebar-view.ts'
import { StatusView } from './views/status-view.ts'

/** How often what counts down is shown anew. */
const tickMs = 500

/** The page once one has a name. It shows a model; whoever signs in next brings another. */
export class ChatScreen {
  readonly #element = byId('chat', HTMLElement)
  readonly #sidebar = new SidebarView()
  readonly #status = new StatusView(() => this.#model?.client)
  readonly #room = new RoomView(
    (name) => void this.#openRoom(name),
    (roomId) => this.#model?.show(roomId),
  )
  readonly #composer = new Composer()
  readonly #messages = new MessagesView(() => this.#composer.focus())
  readonly #drawer = new Drawer()
  #model: ChatModel | undefined
  #tick: ReturnType<typeof setTimeout> | undefined

  constructor(onSignOut: () => void) {
    byId('sign-out', HTMLButtonElement).addEventListener('click', onSignOut)
    setUpNewRoom((name) => this.#openRoom(name))
    // A link to the room that is shown already changes no address, but it closes the drawer all the same.
    byId('rooms', HTMLElement).addEventListener('click', () => this.#drawer.close())
    addEventListener('hashchange', () => {
      this.#showRoomOfAddress()
      this.#drawer.close()
      this.#composer.focus()
    })
    document.addEventListener('visibilitychange', () => this.#model?.look())
    for (const sign of ['focus', 'keydown', 'pointerdown', 'pointermove', 'wheel'])
      addEventListener(sign, () => this.#onAttention(), { passive: true })
    // No need to wait for the next attempt once the network is back. If it fails, the status says so.
    addEventListener('online', () => void this.#model?.client.connect().catch(() => {}))
  }

  show(model: ChatModel): void {
    this.#model = model
    this.#element.hidden = false
    this.#showRoomOfAddress()
    this.render()
    this.#composer.focus()
  }

  hide(): void {
    this.#model = undefined
    this.#element.hidden = true
    this.#drawer.close()
    clearTimeout(this.#tick)
  }

  render(): void {
    const model = this.#model
    const room = model?.current
    if (!model || !room) return
    const { current: status } = model.client.status
    this.#status.render(status)
    this.#sidebar.render(model)
    this.#room.render(model, room)
    this.#messages.render(model, room)
    this.#composer.render(model, room)
    clearTimeout(this.#tick)
    if (status.state === 'waiting' || room.outbox.isHeldBack) this.#tick = setTimeout(() => this.render(), tickMs)
  }

  /** Somebody is there, and looks at the page. */
  #onAttention(): void {
    if (this.#model && this.#model.unread > 0) this.#model.look()
  }

  /** The room is in the address, so that a reload, a bookmark and the back button lead to it. */
  #showRoomOfAddress(): void {
    this.#model?.show(roomOfAddress())
  }

  /** Opens a room by its name, and makes it if it is not there. Resolves to what went wrong, in words. */
  async #openRoom(name: string): Promise<string> {
    const result = await this.#model?.client.try.openRoom({ name }, { timeoutMs: 10_000 })
    if (!result) return ''
    if (!result.ok) {
      const { error } = result
      if (error.code === 'TOO_MANY_ROOMS') return `There are ${error.data.max} rooms already: no more fit in.`
      if (error.code === 'INVALID_INPUT') return error.issues?.[0]?.message ?? error.message
      if (error.code === 'TIMED_OUT') return 'The server has not answered. Try again once there is a connection.'
      return error.message
    }
    const address = `#${encodeURIComponent(result.data.id)}`
    if (location.hash !== address) location.hash = address
    else {
      this.#showRoomOfAddress()
      this.#composer.focus()
    }
    return ''
  }
}

function roomOfAddress(): string {
  try {
    return decodeURIComponent(location.hash.slice(1)) || 'lobby'
  } catch {
    return 'lobby' // a stray % in the address
  }
}
