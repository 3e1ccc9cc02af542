import type { Client, ClientStatus } from '@typewire/client'
import type { Chat } from '../../contract.ts'
import { describeConnection } from '../connection-text.ts'
import { byId, setText } from '../dom.ts'

/** Where the connection stands: a word in the header, and while there is none, what happens next. */
export class StatusView {
  readonly #text = byId('status-text', HTMLElement)
  readonly #banner = byId('banner', HTMLElement)
  readonly #bannerText = byId('banner-text', HTMLElement)
  readonly #countdown = byId('banner-countdown', HTMLElement)
  readonly #tryNow = byId('try-now', HTMLButtonElement)

  constructor(client: () => Client<Chat> | undefined) {
    this.#tryNow.addEventListener('click', () => {
      // Its failing shows in the status.
      client()
        ?.connect()
        .catch(() => {})
    })
  }

  render(status: ClientStatus): void {
    const { short, long, countdown } = describeConnection(status)
    document.documentElement.dataset['connection'] = status.state
    setText(this.#text, short)
    setText(this.#bannerText, long)
    setText(this.#countdown, countdown)
    this.#banner.hidden = long === ''
    this.#tryNow.hidden = status.state !== 'waiting'
  }
}
