import { useEvent, type ViewedRoom } from '@typewire/react'
import { useEffect, useState } from 'react'
import type { Chat } from '../contract.ts'

type ChatRoom = ViewedRoom<'chat', Chat>

/** How long somebody counts as typing who has not said otherwise: their tab may be gone. */
const heardMs = 6_000
/** How often it is said again while one goes on typing: well within `heardMs`. */
const sayAgainMs = 3_000
/** After how long without a key one has stopped. */
const idleMs = 4_000

/** The names of the others who are typing in a room, as they say. */
export function useTyping(room: ChatRoom): readonly string[] {
  const [others, setOthers] = useState<ReadonlyMap<string, { readonly name: string; readonly untilMs: number }>>(
    new Map(),
  )
  const hasStopped = (id: string) =>
    setOthers((before) => (before.has(id) ? new Map([...before].filter(([other]) => other !== id)) : before))
  useEvent(room.on.message, ({ author }) => hasStopped(author.id))
  useEvent(room.on.typing, ({ person: { id, name }, isTyping }) => {
    if (!isTyping) hasStopped(id)
    else setOthers((before) => new Map(before).set(id, { name, untilMs: performance.now() + heardMs }))
  })
  useEffect(() => {
    const timers = [...others].map(([id, { untilMs }]) => setTimeout(() => hasStopped(id), untilMs - performance.now()))
    return () => timers.forEach(clearTimeout)
  }, [others])
  return Array.from(others.values(), ({ name }) => name)
}

/** Says in a room that one is typing, and that one has stopped. */
export class OwnTyping {
  readonly #room: ChatRoom
  /** When it was last said; 0: one is not typing. */
  #saidAtMs = 0
  #idle: ReturnType<typeof setTimeout> | undefined

  constructor(room: ChatRoom) {
    this.#room = room
  }

  /** A key was pressed. */
  type(): void {
    clearTimeout(this.#idle)
    this.#idle = setTimeout(() => this.stop(), idleMs)
    const now = performance.now()
    if (this.#saidAtMs > 0 && now - this.#saidAtMs < sayAgainMs) return
    this.#saidAtMs = now
    this.#tell(true)
  }

  /** What was typed is sent, or taken back, or left lying. */
  stop(): void {
    clearTimeout(this.#idle)
    if (this.#saidAtMs === 0) return
    this.#saidAtMs = 0
    this.#tell(false)
  }

  /** Volatile: it does not wait for a connection, after which it would be old news. */
  #tell(isTyping: boolean): void {
    if (this.#room.status.current.state !== 'joined') return
    this.#room.emit.typing({ isTyping }, { delivery: 'volatile' })
  }
}
