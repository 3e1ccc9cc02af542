import { turn } from '@typewire/testkit'
import { afterEach, beforeEach, expect } from 'vitest'

/** Fails each test of the file in which a rejection was left unhandled. To be called once, at the top of the file. */
export function failOnUnhandledRejections(): void {
  let unhandled: unknown[] = []
  const listen = (reason: unknown) => unhandled.push(reason)
  beforeEach(() => {
    unhandled = []
    process.on('unhandledRejection', listen)
  })
  afterEach(async () => {
    await turn() // Node tells of a rejection when the turn that left it is over
    process.off('unhandledRejection', listen)
    expect(unhandled, 'unhandled rejections').toEqual([])
  })
}
