import type { Person } from './contract.ts'

/**
 * The identity that the server has given somebody. The members of a room see it of each other, and it is the one thing
 * in presence that nobody can say of themselves: so the name is in it, behind the id, which has no space.
 */
export function identityOf({ id, name }: Person): string {
  return `${id} ${name}`
}

export function personOf(identity: string): Person {
  const space = identity.indexOf(' ')
  return { id: identity.slice(0, space), name: identity.slice(space + 1) }
}
