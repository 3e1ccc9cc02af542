import { ContainerReader, encodeContainer } from '@typewire/core/internal'

/** Bytes that are a body: each batch in a container of its own. */
export function body(...batches: readonly (readonly unknown[])[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.concat(batches.map((frames) => encodeContainer(JSON.stringify(frames)))))
}

export const hello = (overrides: object = {}) =>
  body([[0, { versions: [1, 1], attempt: 1, instance: 'raw', window: 65_536, ...overrides }]])

/** What a client that speaks HTTP by hand may say. */
export interface Said {
  readonly body?: BodyInit | undefined
  readonly token?: string | undefined
  readonly number?: number | string | undefined
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
}

/** Sends one request. */
export type Send = (path: string, said?: Said) => Promise<Response>

export function sender(fetch: (url: string, init: RequestInit) => Promise<Response>, url: string): Send {
  return (path, { body: bytes, token, number, headers, method = 'POST' } = {}) =>
    fetch(`${url}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { 'typewire-connection': token }),
        ...(number === undefined ? {} : { 'typewire-request': String(number) }),
        ...headers,
      },
      ...(bytes === undefined ? {} : { body: bytes, duplex: 'half' }),
    })
}

/** The frames of a whole answer. */
export async function framesOf(response: Response): Promise<unknown[][]> {
  const reader = new ContainerReader(1_048_576)
  return reader
    .push(new Uint8Array(await response.arrayBuffer()))
    .flatMap(({ batch }) => JSON.parse(batch) as unknown[][])
}

/** Says hello by long-poll, right, and gives the connection's token and the body of the welcome. */
export async function poll(send: Send): Promise<{ readonly token: string; readonly welcome: Record<string, unknown> }> {
  const response = await send('/poll', { body: hello() })
  const [[, welcome]] = (await framesOf(response)) as [[number, Record<string, unknown>]]
  return { token: response.headers.get('typewire-connection')!, welcome }
}

/** Reads the frames of a stream as they come. */
export function streamed(response: Response): {
  readonly read: () => Promise<unknown[] | undefined>
  readonly cancel: () => Promise<void>
} {
  const source = response.body!.getReader()
  const reader = new ContainerReader(1_048_576)
  const frames: unknown[][] = []
  return {
    async read() {
      while (frames.length === 0) {
        const { done, value } = await source.read()
        if (done) return undefined
        frames.push(...reader.push(value).flatMap(({ batch }) => JSON.parse(batch) as unknown[][]))
      }
      return frames.shift()
    },
    cancel: () => source.cancel(),
  }
}
