import type { Person } from '../../contract.ts'
import { make } from '../dom.ts'
import { initials, pick } from '../format.ts'

/** How many tints tokens.css has. */
const tints = 8

/** A person's initials, on a tint of their own by which two people of one name are told apart; one's own are hollow. */
export function disc({ id, name }: Person, isYou: boolean): HTMLElement {
  const made = make('span', `disc ${isYou ? 'disc-you' : `tint-${pick(id, tints)}`}`, initials(name))
  made.ariaHidden = 'true' // the name stands beside it
  return made
}
