import { closeCodes } from '@typewire/core'
import { Deadlines } from '@typewire/core/internal'
import { afterEach, expect, test, vi } from 'vitest'
import { createFakeClock } from '../../../testkit/src/fake-clock.ts'
import { HttpUplink } from './http-uplink.ts'

// Answers are those of a `fetch` that the tests give.
vi.mock('#http-post', () => import('./http-post-browser.ts'))

afterEach(() => {
  vi.unstubAllGlobals()
})

/** An uplink to a server that answers requests as `answer` says by their length, and 204 else. */
function uplink(answer: (bytes: number) => number) {
  const clock = createFakeClock()
  const requests: { readonly bytes: number; readonly number: string; readonly status: number }[] = []
  const failures: { readonly code: number; readonly reason: string }[] = []
  let taken = 0
  vi.stubGlobal('fetch', (_: string, { body, headers }: { body: Uint8Array; headers: Record<string, string> }) => {
    const status = answer(body.length)
    requests.push({ bytes: body.length, number: headers['typewire-request']!, status })
    return Promise.resolve(new Response(null, { status }))
  })
  const link = new HttpUplink({
    url: 'http://localhost/typewire',
    token: 't',
    deadlines: new Deadlines(clock),
    signal: new AbortController().signal,
    onTaken: () => void taken++,
    onFailure: (code, reason) => void failures.push({ code, reason }),
  })
  return { clock, link, requests, failures, taken: () => taken }
}

test.each([408, 413])(
  'sends less at once, under the same number, where a request is answered %d (HT-3)',
  async (status) => {
    const { clock, link, requests, failures } = uplink((bytes) => (bytes > 4_000 ? status : 204))
    for (let i = 0; i < 20; i++) link.send('x'.repeat(1_000))
    await clock.advance(0)
    expect(failures).toEqual([])
    expect(link.bufferedBytes).toBe(0)
    const taken = requests.filter((request) => request.status === 204)
    expect(taken.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(20 * 1_008)
    expect(taken.map(({ number }) => number)).toEqual(taken.map((_, i) => String(i + 1)))
    expect(requests.length - taken.length).toBeLessThan(4) // what was learned stays
    expect(clock.pending).toBe(0)
  },
)

test('one message that is too slow by itself is tried three times, and then ends the session, with why', async () => {
  const { clock, link, requests, failures } = uplink(() => 408)
  link.send('x'.repeat(100_000))
  await clock.advance(0)
  expect(requests).toHaveLength(3)
  expect(failures).toEqual([
    {
      code: closeCodes.TOO_LARGE.code,
      reason: expect.stringMatching(
        /^a request of 100008 bytes to .* was answered 408\. The link is too slow/,
      ) as string,
    },
  ])
})

test('a short message that is too slow is a link that is lost: the session goes on over another', async () => {
  const { clock, link, requests, failures } = uplink(() => 408)
  link.send('x'.repeat(100))
  await clock.advance(0)
  expect(requests).toHaveLength(3)
  expect(failures).toEqual([{ code: 1006, reason: 'the server answered 408' }])
})

test('a link that stood for a while is forgiven', async () => {
  let answers = 0
  const { clock, link, failures, taken } = uplink(() => (answers++ % 3 === 2 ? 204 : 408))
  for (let i = 0; i < 3; i++) {
    link.send('x'.repeat(100_000))
    await clock.advance(0)
  }
  expect([failures, taken()]).toEqual([[], 3])
})
