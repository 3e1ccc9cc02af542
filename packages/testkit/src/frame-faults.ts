import type { Direction } from './direction.ts'

/** What comes by a frame fault link, before it is passed on. */
export interface Passing {
  /**
   * `upgrade`: a request to speak WebSocket. `request`, `response`: of HTTP, whole; of a stream's response the head
   * alone. `message`: a WebSocket message, or one of its own frames (a ping, a close), or one batch of a stream.
   */
  readonly kind: 'upgrade' | 'request' | 'response' | 'message'
  readonly direction: Direction
  /** `websocket`, or the last part of a request's path: `stream`, `poll`, `up`. */
  readonly route: string
  /** 1, 2, 3, … among those of its kind, direction and route, over all links. */
  readonly number: number
  /** Typewire's frames in it; none in a WebSocket's own. */
  readonly frames: readonly (readonly unknown[])[]
}

/**
 * What becomes of it. A promise of one delays it, and all behind it on its WebSocket or in its stream: nothing more is
 * read meanwhile, as by a slow reader. HTTP requests go on beside each other, so one that is delayed is overtaken.
 *
 * - `pass`: it is passed on.
 * - `cut before`, `cut within`, `cut after`: its link ends without a word before it was passed on, in the middle of it,
 *   or behind it. The link is the WebSocket, or the connection that the request came by: `cut before` of a request drops
 *   it, of a response drops the answer to what the server has done, `cut after` of a request drops the answer before
 *   there is one.
 * - `refuse`: 502 in its place. Of a response: the server has done what was asked all the same.
 * - `silence`: its link carries nothing more, and neither side is told when the other one goes.
 * - `repeat`: a request is made twice, and the second answer is passed on, as when a proxy has lost the first one.
 * - `repeat late`: a request is made again after the next one of its route was answered; nobody hears the answer.
 * - `buffer`: a stream's response is held back from here until it ends.
 *
 * What makes no sense for something passes it on: a message cannot be repeated on a transport that is reliable.
 */
export type Fault =
  | 'pass'
  | 'cut before'
  | 'cut within'
  | 'cut after'
  | 'refuse'
  | 'silence'
  | 'repeat'
  | 'repeat late'
  | 'buffer'

/** Decides on each that comes by. Given by the test: so is the chance in it. */
export type ChooseFault = (passing: Passing) => Fault | Promise<Fault>

/** Asks what becomes of something. `batches`: the texts of Typewire's batches in it. */
export type AskFault = (passing: Omit<Passing, 'number' | 'frames'>, batches?: readonly string[]) => Promise<Fault>

/** Numbers what comes by, and reads its frames. */
export function askFault(choose: ChooseFault): AskFault {
  const numbers = new Map<string, number>()
  return async (passing, batches = []) => {
    const key = `${passing.kind} ${passing.direction} ${passing.route}`
    const number = (numbers.get(key) ?? 0) + 1
    numbers.set(key, number)
    return choose({ ...passing, number, frames: batches.flatMap((text) => JSON.parse(text) as unknown[][]) })
  }
}
