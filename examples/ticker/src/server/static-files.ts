import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { extname, join, relative, sep } from 'node:path'

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.map': 'application/json',
}

interface File {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Serves the files of a folder, as they are now. They are read once and found by their whole path: what a request asks
 * for never becomes a path of the file system, so there is nothing to traverse.
 * @throws the error of Node's `readdir` when the folder cannot be read.
 */
export function staticFiles(folder: string): RequestListener {
  const files = readFiles(folder)
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders(request))) response.setHeader(name, value)
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      return answer(response, 405, 'This is read-only.\n')
    }
    const file = files.get(pathOf(request))
    if (!file) return answer(response, 404, 'There is nothing here.\n')
    if (request.headers['if-none-match'] === file.headers['etag']) {
      return void response.writeHead(304, file.headers).end()
    }
    response.writeHead(200, { ...file.headers, 'content-length': file.body.length })
    response.end(request.method === 'HEAD' ? undefined : file.body)
  }
}

function readFiles(folder: string): ReadonlyMap<string, File> {
  const files = new Map<string, File>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const urlPath = `/${relative(folder, path).split(sep).join('/')}`
    const body = readFileSync(path)
    files.set(urlPath === '/index.html' ? '/' : urlPath, { body, headers: headersOf(urlPath, body) })
  }
  return files
}

function headersOf(urlPath: string, body: Buffer): File['headers'] {
  return {
    'content-type': contentTypes[extname(urlPath)] ?? 'application/octet-stream',
    etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
    // The build names assets by their content, so they never change; all else is asked for again.
    'cache-control': urlPath.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
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

function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query === -1 ? url : url.slice(0, query)
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(text)
}
