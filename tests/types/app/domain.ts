import type { Got } from '@typewire/core'
import type { Message } from './contract.ts'

// What an application has besides Typewire. Types alone: the fixture is checked, never run.

export interface User {
  readonly id: string
  readonly name: string
}
type StoredMessage = Got<typeof Message>

export declare function verify(token: string): Promise<User>
export declare const token: string
export declare function render(message: StoredMessage): void
export declare const store: {
  isMuted(user: User): boolean
  canRead(user: User, roomId: string): boolean
  greet(user: User): void
  add(user: User, message: { readonly text: string; readonly at: Date }): Promise<StoredMessage>
  all(roomId: string, options: { readonly signal: AbortSignal }): AsyncIterable<StoredMessage>
  markSeen(user: User, id: string): Promise<void>
}
