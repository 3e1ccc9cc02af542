import { byId } from '../dom.ts'

/** On a narrow screen the sidebar is a drawer over the room; on a wide one it is always there. */
export class Drawer {
  readonly #sidebar = byId('sidebar', HTMLElement)
  readonly #room = byId('room', HTMLElement)
  readonly #opener = byId('open-sidebar', HTMLButtonElement)

  constructor() {
    this.#opener.addEventListener('click', () => this.#set(true))
    this.#sidebar.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close()
    })
    // What is under the open drawer is inert: a press there closes it.
    byId('chat', HTMLElement).addEventListener('click', (event) => {
      if (event.target instanceof Node && !this.#sidebar.contains(event.target) && !this.#opener.contains(event.target))
        this.close()
    })
    matchMedia('(width >= 48rem)').addEventListener('change', () => this.close())
  }

  close(): void {
    if (this.#room.inert) this.#set(false)
  }

  #set(isOpen: boolean): void {
    this.#sidebar.classList.toggle('is-open', isOpen)
    this.#opener.ariaExpanded = String(isOpen)
    this.#room.inert = isOpen
    if (isOpen) this.#sidebar.querySelector<HTMLElement>('[aria-current]')?.focus()
    else this.#opener.focus()
  }
}
