import { post } from '#http-post'
import { HeldBack } from './held-back.ts'
import { urlBelow } from './http-request.ts'
import { type Download, httpTransport } from './http-transport.ts'
import type { OpenTransport } from './open-transport.ts'

/** A transport whose download is the answer to the hello, read as it comes. */
export const openHttpStream: OpenTransport = (url, events, { deadlines }) =>
  httpTransport('http-stream', url, events, deadlines, download, (fail) => new HeldBack(deadlines, fail))

const download: Download = async ({ url, signal, onToken, onBytes }, hello) => {
  const response = await post({
    url: urlBelow(url, '/stream'),
    body: hello,
    token: undefined,
    number: undefined,
    signal,
  })
  if (!response.ok) throw new Error(`the server answered ${response.status}`)
  if (!response.body) throw new Error('this platform cannot read a stream')
  onToken(response.headers.get('typewire-connection'))
  const reader = response.body.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    onBytes(value)
  }
}
