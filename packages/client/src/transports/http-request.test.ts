import { getEventListeners } from 'node:events'
import { Deadlines } from '@typewire/core/internal'
import { createFakeClock } from '@typewire/testkit'
import { expect, it, onTestFinished, vi } from 'vitest'
import { postRepeatedly } from './http-request.ts'

// Answers are those of a `fetch` that the tests give.
vi.mock('#http-post', () => import('./http-post-browser.ts'))

const request = (signal: AbortSignal) => ({ url: 'http://h/up', body: undefined, token: 't', number: 1, signal })

it('leaves nothing on the signal of a connection, which may make thousands of requests', async () => {
  const given: AbortSignal[] = []
  vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
    signal.addEventListener('abort', () => {}) // as Node's does
    given.push(signal)
    return new Response()
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  const { signal } = new AbortController()
  const deadlines = new Deadlines(createFakeClock())
  for (let n = 0; n < 10; n++) await postRepeatedly(request(signal), deadlines, async () => {})
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(new Set(given).size).toBe(10)
})

it('gives a request up with its connection', async () => {
  vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
  })
  onTestFinished(() => void vi.unstubAllGlobals())
  const controller = new AbortController()
  const posted = postRepeatedly(request(controller.signal), new Deadlines(createFakeClock()), async () => {})
  controller.abort()
  await expect(posted).rejects.toThrow('aborted')
  expect(getEventListeners(controller.signal, 'abort')).toEqual([])
})
