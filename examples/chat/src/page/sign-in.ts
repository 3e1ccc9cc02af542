import type { ClientStatus } from '@typewire/client'
import { limits } from '../limits.ts'
import { describeConnection } from './connection-text.ts'
import { byId, setText } from './dom.ts'

/** The page before one has a name. */
export class SignIn {
  readonly #screen = byId('sign-in', HTMLElement)
  readonly #name = byId('name', HTMLInputElement)
  readonly #error = byId('name-error', HTMLElement)
  readonly #status = byId('sign-in-status', HTMLElement)
  readonly #button = byId('sign-in-button', HTMLButtonElement)

  constructor(onName: (name: string) => void) {
    byId('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
      event.preventDefault()
      const name = this.#name.value.trim()
      const wrong = whatIsWrong(name)
      this.#fail(wrong)
      if (wrong === '') onName(name)
    })
  }

  /** `why`: why one is here again. */
  show(name = '', why = ''): void {
    this.#screen.hidden = false
    this.#name.value = name || this.#name.value
    this.renderStatus(undefined)
    this.#fail(why)
    this.#name.focus()
    this.#name.select()
    document.title = 'Typewire chat'
  }

  hide(): void {
    this.#screen.hidden = true
  }

  /** While it connects; `undefined`: nothing is under way. */
  renderStatus(status: ClientStatus | undefined): void {
    this.#button.disabled = status !== undefined
    setText(this.#button, status ? 'Connecting …' : 'Come in')
    const { long, countdown } = status ? describeConnection(status) : { long: '', countdown: '' }
    setText(this.#status, long ? `${long} ${countdown}` : '')
  }

  #fail(why: string): void {
    setText(this.#error, why)
    this.#name.ariaInvalid = String(why !== '')
    if (why) this.#name.focus()
  }
}

/** The server asks the same; here the answer comes at once. */
function whatIsWrong(name: string): string {
  if (name === '') return 'Give a name, any you like.'
  const over = name.length - limits.personName
  if (over > 0) return `A name has at most ${limits.personName} characters: this one has ${over} too many.`
  return ''
}
