import { limits } from '../../limits.ts'
import type { ChatModel } from '../chat-model.ts'
import { byId, setText } from '../dom.ts'
import type { OpenRoom } from '../open-room.ts'

/** From here on it is said how much room is left. */
const showLeftBelow = 200

/** Where one writes. Each room has its own draft. */
export class Composer {
  readonly #form = byId('composer', HTMLFormElement)
  readonly #text = byId('text', HTMLTextAreaElement)
  readonly #label = byId('text-label', HTMLElement)
  readonly #note = byId('text-note', HTMLElement)
  readonly #hint = byId('text-hint', HTMLElement)
  readonly #usualHint = this.#hint.textContent
  #room: OpenRoom | undefined

  constructor() {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.#send()
    })
    this.#text.addEventListener('keydown', (event) => {
      // While an input method composes, Enter is its own.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      event.preventDefault()
      this.#send()
    })
    this.#text.addEventListener('input', () => {
      const room = this.#room
      if (!room) return
      room.draft = this.#text.value
      if (room.draft.trim()) room.typing.type()
      else room.typing.stop()
      this.#showLength()
    })
  }

  focus(): void {
    // On a touch screen this would slide the keyboard over what one came to read.
    if (matchMedia('(pointer: fine)').matches) this.#text.focus()
  }

  render(model: ChatModel, room: OpenRoom): void {
    setText(this.#label, `Message to ${model.describe(room.id).name}`)
    this.#form.hidden = room.state.name === 'gone'
    if (room === this.#room) return
    this.#room = room
    this.#text.value = room.draft
    this.#text.placeholder = `Write to ${model.describe(room.id).name}`
    this.#showLength()
  }

  #send(): void {
    const room = this.#room
    const text = this.#text.value.trim()
    if (!room || text === '' || text.length > limits.text) return
    room.outbox.send(text)
    room.typing.stop()
    room.draft = this.#text.value = ''
    this.#showLength()
    this.#text.focus()
  }

  #showLength(): void {
    const left = limits.text - this.#text.value.trim().length
    this.#text.ariaInvalid = String(left < 0)
    this.#form.toggleAttribute('data-length', left < showLeftBelow)
    setText(this.#note, left < 0 ? 'Too long to be sent.' : '')
    if (left < 0) setText(this.#hint, `${-left} of ${limits.text.toLocaleString()} characters too many`)
    else if (left < showLeftBelow) setText(this.#hint, `${left} characters left`)
    else setText(this.#hint, this.#usualHint)
  }
}
