import { createServer as createHttpServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createServer, type ServerOptions } from '@typewire/server'
import { build } from 'vite'
import { type FaultLink, openFaultLink } from '../../../packages/testkit/src/fault-link.ts'
import { type DifficultProxy, openDifficultProxy } from '../../../packages/testkit/src/proxies-difficult.ts'
import { type TransportContract, transportContract } from '../../../packages/testkit/src/suites/transport-contract.ts'

/** The code of the page, with the client in it, as a site would ship it. */
export async function buildPage(): Promise<string> {
  const built = await build({
    configFile: false,
    resolve: { conditions: ['@typewire/source', 'module', 'browser', 'production'] },
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: fileURLToPath(new URL('page.ts', import.meta.url)) },
    },
    logLevel: 'warn',
  })
  const [output] = [built].flat()
  const chunk = output && 'output' in output ? output.output[0] : undefined
  if (!chunk) throw new Error('The build gave no code.')
  return chunk.code
}

export type PageServerOptions = Pick<
  ServerOptions<TransportContract, { readonly identity: string }>,
  'heartbeat' | 'resume'
>

/** A server of the page and of what it talks to, in this process, and what lies between: a link, then a proxy. */
export interface PageServer extends AsyncDisposable {
  readonly url: string
  readonly link: FaultLink
  readonly proxy: DifficultProxy
  /** The numbers that came from the page. */
  readonly up: number[]
  /** Sends the next number to all sessions. */
  readonly send: () => void
  readonly startBurst: () => void
  /** How many numbers were sent, in all. */
  readonly endBurst: () => number
  readonly sessionIds: () => string[]
}

/** As often as the page's. */
const burstPauseMs = 2

export async function startPageServer(code: string, options: PageServerOptions = {}): Promise<PageServer> {
  const up: number[] = []
  const httpServer = createHttpServer(servePage(code))
  const server = createServer<TransportContract, { readonly identity: string }>(transportContract, {
    ...options,
    authenticate: ({ auth }) => ({ identity: auth }),
  })
  server
    .implement({
      procedures: {
        echo: ({ input }) => input,
        fail: () => {},
        wait: ({ input }) => input,
        carry: ({ input }) => input,
      },
      events: {
        up: ({ payload }) => void up.push(payload),
        ask: ({ payload }) => payload,
        note: () => {},
        upload: () => {},
      },
    })
    .attach(httpServer)
  await new Promise<void>((resolve) => httpServer.listen(0, '127.0.0.1', resolve))
  const proxy = await openDifficultProxy((httpServer.address() as AddressInfo).port)
  const link = await openFaultLink(proxy.port)

  let sent = 0
  const send = () => server.emit.down(sent++)
  let burst: ReturnType<typeof setInterval> | undefined
  return {
    url: `http://127.0.0.1:${link.port}`,
    link,
    proxy,
    up,
    send,
    startBurst: () => void (burst = setInterval(send, burstPauseMs)),
    endBurst: () => {
      clearInterval(burst)
      return sent
    },
    sessionIds: () => Array.from(server.sessions, ({ id }) => id),
    async [Symbol.asyncDispose]() {
      clearInterval(burst)
      await link[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      await server.close({ drainMs: 0 })
      httpServer.closeAllConnections()
      await new Promise((resolve) => httpServer.close(resolve))
    },
  }
}

/** The page at `/`, and one without a client at `/elsewhere`. */
function servePage(code: string): RequestListener {
  const html = '<!doctype html><link rel="icon" href="data:,"><title>Plain</title>'
  const answers: Readonly<Record<string, readonly [type: string, body: string]>> = {
    '/': ['text/html', `${html}<script type="module" src="/page.js"></script>`],
    '/elsewhere': ['text/html', html],
    '/page.js': ['text/javascript', code],
  }
  return ({ url = '' }, response) => {
    const [type, body] = answers[url.split('?')[0]!] ?? []
    if (!type) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-type': type }).end(body)
  }
}
