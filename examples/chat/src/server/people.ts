import type { Person } from '../contract.ts'
import { Allowance } from './allowance.ts'

interface Entry {
  readonly person: Person
  readonly allowance: Allowance
  /** One person may have several tabs. */
  sessions: number
}

/**
 * The names that are in use. A name is one person's while that person is connected. It is free again afterwards: this chat knows
 * nobody by a password.
 */
export class People {
  readonly #byName = new Map<string, Entry>()

  isTaken({ id, name }: Person): boolean {
    const entry = this.#byName.get(fold(name))
    return entry !== undefined && entry.person.id !== id
  }

  /** Counts a session of this person in. `false`: the name is somebody else's. */
  enter(person: Person): boolean {
    if (this.isTaken(person)) return false
    const entry = this.#byName.get(fold(person.name))
    if (entry) entry.sessions++
    else this.#byName.set(fold(person.name), { person, allowance: new Allowance(5, 2_000), sessions: 1 })
    return true
  }

  leave({ name }: Person): void {
    const entry = this.#byName.get(fold(name))
    if (entry && --entry.sessions === 0) this.#byName.delete(fold(name))
  }

  /** Takes leave to say one thing: 0, or for how many milliseconds to be silent first. */
  waitMs({ name }: Person): number {
    return this.#byName.get(fold(name))?.allowance.take() ?? 0
  }
}

/** Names that look the same to people are the same name. */
function fold(name: string): string {
  return name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ')
}
