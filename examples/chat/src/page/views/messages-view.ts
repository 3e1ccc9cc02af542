import type { ChatModel } from '../chat-model.ts'
import type { Message } from '../../contract.ts'
import { byId, make, setText, showKeyed } from '../dom.ts'
import { formatDay, formatTime, secondsUntil } from '../format.ts'
import type { OpenRoom } from '../open-room.ts'
import type { Outgoing } from '../outbox.ts'
import { disc } from './disc.ts'

/** What stands in the log, from the oldest to the newest. */
type Item =
  | { readonly kind: 'earlier' | 'missing' }
  | { readonly kind: 'day'; readonly date: Date }
  | { readonly kind: 'news'; readonly count: number }
  | { readonly kind: 'message'; readonly message: Message; readonly isContinued: boolean }
  | { readonly kind: 'outgoing'; readonly outgoing: Outgoing; readonly isContinued: boolean }

const missingText = 'After the connection was lost the server could not go on from there: below is what it still has.'

/** Below this, a further message of the same author goes on without its name. */
const sameBreathMs = 5 * 60_000
/** So near the end somebody is at the end. */
const nearEndPx = 48

/** The messages of the room that is shown, and where they are scrolled to. */
export class MessagesView {
  readonly #log = byId('log', HTMLElement)
  readonly #list = byId('messages', HTMLElement)
  readonly #toEnd = byId('to-end', HTMLButtonElement)
  readonly #onHandled: () => void
  #room: OpenRoom | undefined
  #youId: string | undefined
  #isConnected = false
  #lastKey: string | undefined

  /** `onHandled`: a button is gone by its own press, and the focus with it. */
  constructor(onHandled: () => void) {
    this.#onHandled = onHandled
    this.#toEnd.addEventListener('click', () => {
      this.#scrollToEnd()
      this.#log.focus()
    })
    this.#log.addEventListener('scroll', () => {
      if (this.#isAtEnd()) this.#toEnd.hidden = true
    })
    // A keyboard that slides in, a composer that grows: who was at the end stays there.
    let wasAtEnd = true
    this.#log.addEventListener('scroll', () => (wasAtEnd = this.#isAtEnd()))
    new ResizeObserver(() => {
      if (wasAtEnd) this.#scrollToEnd()
    }).observe(this.#log)
  }

  render({ you, isConnected }: ChatModel, room: OpenRoom): void {
    const isOther = room !== this.#room
    const isOpening = room.state.name === 'opening' || room.log.isLoading
    // A whole room that appears is no news: only what comes from then on is read out.
    if (isOther || isOpening) this.#log.ariaBusy = 'true'
    if (!isOpening) requestAnimationFrame(() => (this.#log.ariaBusy = 'false'))
    this.#room = room
    this.#youId = you?.id
    this.#isConnected = isConnected
    const isAtEnd = isOther || this.#isAtEnd()
    if (isOther) this.#list.replaceChildren()
    const anchor = this.#firstInView()
    const anchorTop = anchor?.offsetTop ?? 0
    const items = itemsOf(room, you?.id)
    showKeyed(this.#list, items, {
      key: keyOf,
      make: (item) => this.#make(item),
      update: (element, item) => this.#update(element, item),
    })
    const last = items.at(-1)
    const lastKey = last && keyOf(last)
    const isNew = lastKey !== this.#lastKey
    this.#lastKey = lastKey
    if (isAtEnd || (isNew && last?.kind === 'outgoing')) return this.#scrollToEnd()
    if (isNew) this.#toEnd.hidden = false
    // Not left to the browser, which does not hold on to what is read when older messages come in at the very top.
    if (anchor?.isConnected) this.#log.scrollTop += anchor.offsetTop - anchorTop
  }

  #make(item: Item): HTMLElement {
    switch (item.kind) {
      case 'earlier':
        return this.#makeEarlier()
      case 'missing':
        return make('li', 'missing', make('strong', '', 'Messages are missing here. '), missingText)
      case 'day':
        return make('li', 'day', formatDay(item.date))
      case 'news':
        return make('li', 'news')
      case 'message':
        return this.#makeMessage(item.message)
      case 'outgoing': {
        const note = make('p', 'note')
        return make('li', 'message own outgoing', make('div', 'body', textOf(item.outgoing.text), note))
      }
    }
  }

  #makeEarlier(): HTMLElement {
    const load = button('Earlier messages', () => {
      this.#log.focus() // the button goes when there are no more
      void this.#room?.loadEarlier()
    })
    return make('li', 'earlier', load, make('span', 'error'))
  }

  #updateEarlier(element: HTMLElement): void {
    const { isLoading, failure } = this.#room!.log
    const load = element.querySelector('button')!
    load.disabled = isLoading
    setText(load, isLoading ? 'Earlier messages …' : 'Earlier messages')
    setText(element.querySelector<HTMLElement>('.error')!, failure)
  }

  #makeMessage({ author, text, sentAt }: Message): HTMLElement {
    const time = make('time', '', formatTime(sentAt))
    time.dateTime = sentAt.toISOString()
    const byline = make('p', 'byline', make('bdi', 'author', author.name), ' ', time)
    const isYou = author.id === this.#youId
    const body = make('div', 'body', byline, textOf(text))
    return make('li', isYou ? 'message own' : 'message', disc(author, isYou), body)
  }

  #update(element: HTMLElement, item: Item): void {
    if (item.kind === 'earlier') this.#updateEarlier(element)
    if (item.kind === 'news') setText(element, item.count === 1 ? '1 new message' : `${item.count} new messages`)
    if ('isContinued' in item) element.classList.toggle('continued', item.isContinued)
    if (item.kind === 'outgoing') this.#updateNote(element, item.outgoing)
  }

  /** What becomes of a text that is not sent yet, and what one can do about it. */
  #updateNote(element: HTMLElement, outgoing: Outgoing): void {
    const note = element.querySelector<HTMLElement>('.note')!
    const { state } = outgoing
    element.classList.toggle('failed', state.name === 'failed')
    const stage = state.name === 'sending' && !this.#isConnected ? 'waiting' : state.name
    if (note.dataset['stage'] !== stage) {
      note.dataset['stage'] = stage
      note.replaceChildren(...this.#noteOf(outgoing))
    }
    const again = note.querySelector<HTMLButtonElement>('.again')
    if (again && state.name === 'failed') {
      const isEarly = state.retryAtMs > Date.now()
      again.disabled = isEarly
      setText(again, isEarly ? `Again in ${secondsUntil(state.retryAtMs)} s` : 'Send again')
    }
  }

  #noteOf(outgoing: Outgoing): (Node | string)[] {
    const outbox = this.#room!.outbox
    const discard = button('Discard', () => {
      outbox.discard(outgoing)
      this.#onHandled()
    })
    if (outgoing.state.name === 'sending') {
      return [this.#isConnected ? 'Sending …' : 'Waiting for the connection …', discard]
    }
    const again = button('', () => {
      outbox.sendAgain(outgoing)
      this.#onHandled()
    })
    again.classList.add('again')
    return [make('span', 'error', `Not sent. ${outgoing.state.why}`), again, discard]
  }

  /** What one reads: it stays where it is when something changes above. */
  #firstInView(): HTMLElement | undefined {
    const { scrollTop } = this.#log
    for (const child of this.#list.querySelectorAll<HTMLElement>('.message'))
      if (child.offsetTop + child.offsetHeight > scrollTop) return child
    return undefined
  }

  #isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.#log
    return scrollHeight - scrollTop - clientHeight < nearEndPx
  }

  #scrollToEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight
    this.#toEnd.hidden = true
  }
}

function itemsOf({ log, outbox }: OpenRoom, youId: string | undefined): Item[] {
  const items: Item[] = []
  if (log.hasEarlier) items.push({ kind: 'earlier' })
  if (log.isMissing) items.push({ kind: 'missing' })
  let previous: Message | undefined
  for (const message of log.messages) {
    const isNewDay = previous?.sentAt.toDateString() !== message.sentAt.toDateString()
    if (isNewDay) items.push({ kind: 'day', date: message.sentAt })
    const isSoon = previous !== undefined && message.sentAt.getTime() - previous.sentAt.getTime() < sameBreathMs
    const isFirstNew = log.news?.firstId === message.id
    if (log.news && isFirstNew) items.push({ kind: 'news', count: log.news.count })
    const isContinued = !isNewDay && !isFirstNew && isSoon && previous?.author.id === message.author.id
    items.push({ kind: 'message', message, isContinued })
    previous = message
  }
  const isContinued = previous !== undefined && previous.author.id === youId
  for (const outgoing of outbox.items) items.push({ kind: 'outgoing', outgoing, isContinued })
  return items
}

function keyOf(item: Item): string {
  switch (item.kind) {
    case 'earlier':
    case 'missing':
    case 'news':
      return item.kind
    case 'day':
      return `day ${item.date.toDateString()}`
    case 'message':
      return item.message.id
    case 'outgoing':
      return `outgoing ${item.outgoing.id}`
  }
}

function textOf(text: string): HTMLElement {
  const element = make('p', 'text', text)
  element.dir = 'auto'
  return element
}

function button(text: string, onClick: () => void): HTMLButtonElement {
  const made = make('button', 'link', text)
  made.type = 'button'
  made.addEventListener('click', onClick)
  return made
}
