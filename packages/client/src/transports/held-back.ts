import { closeCodes } from '@typewire/core'
import type { Deadline, Deadlines } from '@typewire/core/internal'
import type { DownloadWatch, Fail } from './http-transport.ts'

/** How long nothing of what the server has sent may come, in milliseconds, before the stream counts as held back. */
const heldBackMs = 1_500

/**
 * Notices that something between collects the stream before it passes it on: then it is of no use (HT-6). The server
 * says with each answer to a request how many batches it had sent. A link that is only slow brings some of them.
 */
export class HeldBack implements DownloadWatch {
  readonly #deadlines: Deadlines
  readonly #fail: Fail
  #sent = 0
  #received = 0
  #hasMoved = false
  #deadline: Deadline | undefined

  constructor(deadlines: Deadlines, fail: Fail) {
    this.#deadlines = deadlines
    this.#fail = fail
  }

  onTaken(sent: number): void {
    this.#sent = Math.max(this.#sent, sent)
    this.#check()
  }

  onBytes(received: number): void {
    this.#received = received
    this.#hasMoved = true
  }

  stop(): void {
    this.#deadline?.cancel()
  }

  #check(): void {
    if (this.#deadline || this.#received >= this.#sent) return
    this.#hasMoved = false
    this.#deadline = this.#deadlines.set(heldBackMs, () => {
      this.#deadline = undefined
      if (this.#received < this.#sent && !this.#hasMoved) {
        return this.#fail(closeCodes.HELD_BACK.code, 'something between holds the stream back')
      }
      this.#check()
    })
  }
}
