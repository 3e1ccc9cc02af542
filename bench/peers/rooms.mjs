/**
 * Who is in which room, for peers that have no rooms of their own.
 *
 * @template Member
 */
export class Rooms {
  /** @type {Map<string, Set<Member>>} */
  #rooms = new Map()

  /** @param {string} room */
  of(room) {
    return this.#rooms.get(room) ?? new Set()
  }

  /**
   * @param {string} room
   * @param {Member} member
   */
  join(room, member) {
    const members = this.#rooms.get(room)
    if (members) members.add(member)
    else this.#rooms.set(room, new Set([member]))
  }

  /**
   * @param {string} room
   * @param {Member} member
   */
  leave(room, member) {
    const members = this.#rooms.get(room)
    members?.delete(member)
    if (members?.size === 0) this.#rooms.delete(room)
  }
}
