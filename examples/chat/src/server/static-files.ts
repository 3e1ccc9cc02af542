import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import sirv from 'sirv'

/**
 * Serves the files of a folder, as they are now, and compressed where the build has put them so beside themselves. They are
 * looked up by the whole path of what lay there at the beginning: what a request asks for never becomes a path of the file
 * system, so there is nothing to traverse.
 * @throws the error of Node's `readdir` when the folder cannot be read.
 */
export function staticFiles(folder: string): RequestListener {
  const serve = sirv(folder, {
    etag: true,
    gzip: true,
    setHeaders: (response, path) => {
      // The build names assets by their content, so they never change; all else is asked for again.
      const isAsset = path.startsWith('/assets/')
      response.setHeader('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache')
    },
  })
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders(request))) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return answer(response, 405, 'This is read-only.\n')
    }
    // sirv takes both for impossible, and throws: a range that ends before it begins, and a file that is there no more.
    delete request.headers.range
    response.once('pipe', (file: Readable) => file.once('error', () => response.destroy()))
    serve(request, response, () => answer(response, 404, 'There is nothing here.\n'))
  }
}

function securityHeaders({ headers: { host = '' } }: IncomingMessage): Readonly<Record<string, string>> {
  // Not every browser takes 'self' to mean WebSockets of the same host (w3c/webappsec-csp, issue 7): they are named.
  const sockets = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : ''
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${sockets}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  }
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(text)
}
