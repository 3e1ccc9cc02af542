import { AsyncLocalStorage } from 'node:async_hooks'
import { expect, it, onTestFinished } from 'vitest'
import { nodeClock } from './node-clock.ts'

it('runs what one turn leaves to its end in order, and in the next what that leaves', async () => {
  const ran: string[] = []
  const done = new Promise<void>((resolve) => {
    nodeClock.endOfTurn(() => {
      ran.push('first')
      nodeClock.endOfTurn(() => {
        ran.push('next turn')
        resolve()
      })
    })
    nodeClock.endOfTurn(() => void ran.push('second'))
  })
  expect(ran).toEqual([])
  await done
  expect(ran).toEqual(['first', 'second', 'next turn'])
})

it('runs the others where one throws, and lets nobody catch that', async () => {
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const listener of before) process.on('uncaughtException', listener)
  })
  const uncaught = new Promise((resolve) => process.once('uncaughtException', resolve))
  let hasRun = false
  nodeClock.endOfTurn(() => {
    throw new Error('thrown at the end of a turn')
  })
  nodeClock.endOfTurn(() => (hasRun = true))
  expect(String(await uncaught)).toBe('Error: thrown at the end of a turn')
  expect(hasRun).toBe(true)
})

it('runs nothing in the context of who has asked first', async () => {
  const contexts = new AsyncLocalStorage<string>()
  const seen: unknown[] = []
  await new Promise<void>((resolve) => {
    contexts.run('first', () => {
      nodeClock.endOfTurn(() => void seen.push(contexts.getStore()))
      nodeClock.after(0, () => void seen.push(contexts.getStore()))
    })
    contexts.run('second', () => nodeClock.endOfTurn(() => void seen.push(contexts.getStore())))
    nodeClock.after(5, resolve)
  })
  expect(seen).toEqual([undefined, undefined, undefined])
})
