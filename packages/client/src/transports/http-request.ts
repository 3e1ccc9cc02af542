import { post } from '#http-post'
import type { Deadlines } from '@typewire/core/internal'
import type { HttpAnswer, HttpRequest } from './http-post.ts'

/** How often a request is made again that got no answer, and how long is waited before each, in milliseconds. */
const retryDelaysMs = [100, 300, 1_000]

/** What is below the path of a URL. A query stays behind it: it is the application's. */
export function urlBelow(url: string, path: string): string {
  const query = url.indexOf('?')
  return query === -1 ? url + path : url.slice(0, query) + path + url.slice(query)
}

/** Makes a numbered request, again and again while no answer comes; `take` reads the answer. Rejects at the end of its tries. */
export async function postRepeatedly<T>(
  request: HttpRequest,
  deadlines: Deadlines,
  take: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  for (const delayMs of retryDelaysMs) {
    try {
      return await postOnce(request, take)
    } catch (error) {
      if (request.signal.aborted) throw error
      await pause(delayMs, deadlines, request.signal)
    }
  }
  return postOnce(request, take)
}

/**
 * Makes a request that ends with its answer. With a signal of its own: a connection's is there for thousands of requests, and
 * Node's fetch listens to it until the request is collected (https://github.com/nodejs/node/issues/52635).
 */
async function postOnce<T>(request: HttpRequest, take: (answer: HttpAnswer) => Promise<T>): Promise<T> {
  const own = new AbortController()
  const abort = () => own.abort()
  const { signal } = request
  signal.addEventListener('abort', abort, { once: true })
  if (signal.aborted) abort()
  try {
    return await take(await post({ ...request, signal: own.signal }))
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Resolves after so long, or when the signal aborts. */
function pause(ms: number, deadlines: Deadlines, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      deadline.cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const deadline = deadlines.set(ms, end)
    signal.addEventListener('abort', end, { once: true })
  })
}
