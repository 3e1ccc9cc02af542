import { closeCodes } from '@typewire/core'
import { Deadlines } from '@typewire/core/internal'
import { expect, test } from 'vitest'
import { createFakeClock } from '../../../testkit/src/fake-clock.ts'
import { HeldBack } from './held-back.ts'

function watch() {
  const clock = createFakeClock()
  const failures: number[] = []
  return { clock, failures, held: new HeldBack(new Deadlines(clock), (code) => void failures.push(code)) }
}

test('a stream that brings nothing of what was sent is held back (HT-6)', async () => {
  const { clock, failures, held } = watch()
  held.onTaken(2)
  await clock.advance(1_400)
  expect(failures).toEqual([])
  await clock.advance(200)
  expect(failures).toEqual([closeCodes.HELD_BACK.code])
})

test('a slow link, which brings some of it each time, is not held back until it brings no more', async () => {
  const { clock, failures, held } = watch()
  held.onTaken(10)
  for (let batches = 1; batches < 10; batches++) {
    await clock.advance(1_000)
    held.onBytes(batches)
  }
  expect(failures).toEqual([])
  await clock.advance(3_100)
  expect(failures).toEqual([closeCodes.HELD_BACK.code])
})

test('a stream that has brought all is left alone, and no timer stays', async () => {
  const { clock, failures, held } = watch()
  held.onTaken(1)
  held.onBytes(1)
  await clock.advance(5_000)
  held.onTaken(2)
  held.stop()
  await clock.advance(5_000)
  expect([failures, clock.pending]).toEqual([[], 0])
})
