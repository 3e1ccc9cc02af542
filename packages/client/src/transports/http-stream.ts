import { closeCodes } from '@typewire/core'
import { post } from './http-request.ts'
import { type Download, httpTransport } from './http-transport.ts'
import type { OpenTransport } from './open-transport.ts'

/** How much later than the answer to a request the stream may come, in milliseconds, before it counts as held back. */
const heldBackMs = 1_500

/** A transport whose download is the answer to the hello, read as it comes. */
export const openHttpStream: OpenTransport = (url, events, deadlines) =>
  httpTransport('http-stream', url, events, deadlines, download, (sent, received, fail) => {
    if (received() >= sent) return
    // Something between may collect the stream before it passes it on; then it is of no use (HT-6).
    deadlines.set(heldBackMs, () => {
      if (received() < sent) fail(closeCodes.HELD_BACK.code, 'something between holds the stream back')
    })
  })

const download: Download = async ({ url, signal, onToken, onBytes }, hello) => {
  const response = await post({ url: `${url}/stream`, body: hello, token: undefined, number: undefined, signal })
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
