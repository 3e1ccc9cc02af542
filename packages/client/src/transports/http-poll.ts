import { post } from '#http-post'
import type { HttpAnswer } from './http-post.ts'
import { postRepeatedly, urlBelow } from './http-request.ts'
import { type Download, httpTransport } from './http-transport.ts'
import type { OpenTransport } from './open-transport.ts'

/** A transport whose download is answers to polls: for where a stream does not come through. */
export const openHttpPoll: OpenTransport = (url, events, { deadlines }) =>
  httpTransport('http-poll', url, events, deadlines, download)

const download: Download = async ({ url, signal, deadlines, onToken, onBytes }, hello) => {
  const take = async (response: HttpAnswer) => {
    if (!response.ok) throw new Error(`the server answered ${response.status}`)
    return { token: response.headers.get('typewire-connection'), bytes: new Uint8Array(await response.arrayBuffer()) }
  }
  const first = await take(
    await post({ url: urlBelow(url, '/poll'), body: hello, token: undefined, number: undefined, signal }),
  )
  const token = onToken(first.token)
  onBytes(first.bytes)
  for (let number = 1; !signal.aborted; number++) {
    // An answer that was lost is given again for the same number (HT-5).
    const request = { url: urlBelow(url, '/poll'), body: undefined, token, number, signal }
    const answer = await postRepeatedly(request, deadlines, async (response) =>
      response.ok ? take(response) : response.status,
    )
    if (typeof answer === 'number') throw new Error(`the server answered ${answer}`)
    onBytes(answer.bytes)
  }
}
