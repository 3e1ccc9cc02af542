import type { Transport } from '@typewire/core'
import {
  ContainerReader,
  type Deadline,
  type Deadlines,
  encodeContainer,
  webSocketCodes,
} from '@typewire/core/internal'
import { HttpUplink } from './http-uplink.ts'
import type { OpeningEvents, TransportName } from './open-transport.ts'
import { reasonOf } from './reason-of.ts'

/** The largest batch that is read. A server sends none that large but for one event of that size. */
const maxBatchBytes = 64 * 1024 * 1024
/** How long what was said last may take to be taken when the transport closes. */
const closeTimeoutMs = 1_000

/** How the server's batches are read, once the hello is ready to be sent. */
export type Download = (link: HttpLink, hello: Uint8Array<ArrayBuffer>) => Promise<void>

/** What a download has to do with its transport. */
export interface HttpLink {
  readonly url: string
  readonly signal: AbortSignal
  readonly deadlines: Deadlines
  /** The server has answered the hello: requests carry this token from here on (HT-2). */
  readonly onToken: (token: string | null) => string
  /** Bytes of the server's. @throws ContainerError for what is no container. */
  readonly onBytes: (bytes: Uint8Array) => void
}

export type Fail = (code: number, reason: string) => void

/** What looks at how a download goes. */
export interface DownloadWatch {
  /** The server has taken a request, and had sent so many batches by then. */
  readonly onTaken: (sentBatches: number) => void
  /** Bytes have come; they complete so many batches in all. */
  readonly onBytes: (receivedBatches: number) => void
  readonly stop: () => void
}

/** A transport of which the first batch, the hello, opens the download, and the others go by requests of their own. */
export function httpTransport(
  name: TransportName,
  url: string,
  events: OpeningEvents,
  deadlines: Deadlines,
  download: Download,
  watch?: (fail: Fail) => DownloadWatch,
): Transport {
  const controller = new AbortController()
  const { signal } = controller
  const reader = new ContainerReader(maxBatchBytes)
  let uplink: HttpUplink | undefined
  let wasOpened = false
  let isClosed = false
  let received = 0
  /** Runs while it closes and something that was said before is not taken yet. */
  let closing: { readonly end: () => void; readonly deadline: Deadline } | undefined

  const fail: Fail = (code, reason) => {
    if (isClosed) return
    isClosed = true
    closing?.deadline.cancel()
    watching?.stop()
    controller.abort()
    events.onClose(code, reason)
  }

  const watching = watch?.(fail)

  const link: HttpLink = {
    url,
    signal,
    deadlines,
    onToken: (token) => {
      if (token === null) throw new Error('the server gave no token')
      uplink = new HttpUplink({
        url,
        token,
        deadlines,
        signal,
        onTaken: (sent) => {
          events.onDrain()
          watching?.onTaken(sent)
          if (uplink?.bufferedBytes === 0) closing?.end()
        },
        onFailure: fail,
      })
      return token
    },
    onBytes: (bytes) => {
      for (const { batch, parts } of reader.push(bytes)) {
        if (isClosed) return
        received++
        events.onMessage(batch, parts)
      }
      watching?.onBytes(received)
    },
  }

  const open = (hello: string) => {
    wasOpened = true
    download(link, encodeContainer(hello)).then(
      () => fail(webSocketCodes.LINK_LOST, 'the server ended the connection'),
      (error: unknown) => fail(webSocketCodes.LINK_LOST, reasonOf(error)),
    )
  }

  queueMicrotask(() => events.onOpen())
  return {
    name,
    send(batch, parts) {
      if (isClosed) return
      if (uplink) uplink.send(batch, parts)
      else if (!wasOpened) open(batch)
    },
    bufferedBytes: () => uplink?.bufferedBytes ?? 0,
    close(code, reason) {
      if (isClosed || closing) return
      const end = () => fail(code, reason)
      // What was said last, why, is given a moment to be taken.
      if (!uplink || uplink.bufferedBytes === 0) return queueMicrotask(end)
      closing = { end, deadline: deadlines.set(closeTimeoutMs, end) }
    },
  }
}
