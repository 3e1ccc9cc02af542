import { errorCodes, type TypewireError } from '@typewire/core'
import { isErrorCode } from '@typewire/core/internal'
import { printable } from './rich-forms.ts'
import { safeText } from './safe-text.ts'

// What went wrong, for people.

/** An error that a call, an ack or a join was answered with. */
export async function explainError(error: TypewireError): Promise<string> {
  const { code, message, data, issues, incident, outcome } = error
  const lines = [`${code}: ${message}`]
  if (data !== undefined) lines.push(`  data: ${JSON.stringify(await printable(data))}`)
  for (const { path, message: what } of (issues ?? []).filter((issue) => !message.includes(issue.message)))
    lines.push(`  at ${pathText(path)}: ${what}`)
  if (incident !== undefined) lines.push(`  incident: ${incident}`)
  if (outcome !== undefined)
    lines.push(`  outcome: ${outcome === 'not_sent' ? 'it was not sent' : 'unknown, the server may have done it'}`)
  if (isErrorCode(code)) lines.push(`  ${remedies[code] ?? errorCodes[code].remedy}`)
  return safeText(lines.join('\n'))
}

/** Where the remedy of the registry speaks to who writes a program. */
const remedies: Readonly<Record<string, string>> = {
  UNAUTHORIZED: 'Give other credentials: --auth env:NAME, or --auth @file.',
  TIMED_OUT: 'Wait longer with --timeout, where it is safe to ask again.',
  NOT_FOUND: 'Check the name, and --namespace: the server knows none like it.',
}

function pathText(path: readonly unknown[] | undefined): string {
  let text = ''
  for (const step of path ?? []) {
    const key = typeof step === 'object' && step !== null && 'key' in step ? step.key : step
    text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${String(key)}`
  }
  return text || 'the whole'
}

/** Those of OpenSSL go on and on. */
const maxReasonLength = 160

/** Why there is no connection. `reason`: as the client has it, `LINK_LOST: connect ECONNREFUSED 127.0.0.1:3000`. */
export function explainUnreachable(url: string, told: string): string {
  const reason = safeText(told.replaceAll(/\s+/g, ' ').slice(0, maxReasonLength).trim())
  const place = placeOf(url)
  const { host, origin, protocol } = new URL(place)
  const [, status] = /(?:server response:|answered) (\d{3})/.exec(reason) ?? []
  if (/ECONNREFUSED/.test(reason))
    return `Nothing listens at ${host} (${reason}). Is the server running, and is the port right?`
  if (/ENOTFOUND|EAI_AGAIN/.test(reason))
    return `There is no host ${new URL(place).hostname} (${reason}). Check the URL.`
  if (/wrong version number|packet length too long|http request/i.test(reason) && protocol === 'https:')
    return `${host} does not speak TLS. Try ${origin.replace(/^https/, 'http')}.`
  if (/certificate|self.signed|CERT_/i.test(reason))
    return `The certificate of ${host} is not trusted (${reason}). Name its authority: NODE_EXTRA_CA_CERTS=ca.pem typewire …`
  if (/SSL routines|EPROTO|ERR_SSL/.test(told)) {
    const [, what = 'it was ended'] = /SSL routines:[^:]*:([^:]+)/.exec(told.replaceAll(/\s+/g, ' ')) ?? []
    return `${host} and this machine could not agree on TLS (${safeText(what.trim())}). Check the URL, and the server's certificate and versions of TLS.`
  }
  if (/socket hang up|ECONNRESET|Parse Error|other side closed|fetch failed/.test(reason) && protocol === 'http:')
    return `${place} cannot be reached: ${reason}. If it speaks TLS, try ${origin.replace(/^http/, 'https')}.`
  if (status === '404')
    return `There is no Typewire at ${place}: the server answered 404. Give the path that it is served at: ${origin}/path.`
  if (status === '401' || status === '403')
    return `${place} lets nobody in: the server, or a proxy before it, answered ${status}.`
  if (status !== undefined) return `${place} does not speak Typewire: the server answered ${status}.`
  if (/BAD_FRAME|neither welcome|gave no token|not JSON|PROTOCOL_ERROR/.test(reason))
    return `What answers at ${place} does not speak Typewire (${reason}). Check the URL.`
  return `${place} cannot be reached: ${reason}.`
}

/** The server said not to come back. `reason`: in its words. */
export function explainRefusal(
  url: string,
  { code, reason: told }: { readonly code: string; readonly reason: string },
): string {
  const reason = safeText(told)
  const place = placeOf(url)
  if (code === 'UNAUTHORIZED')
    return `${place} refused the credentials: ${reason}\nGive others: --auth env:NAME (JSON in a variable), --auth @file, or --auth '{ … }'.`
  if (code === 'UNSUPPORTED')
    return `${place} does not work with this version: ${reason}\nWrite the contract anew (typewire snapshot), or use a version of typewire as new as the server's.`
  return `${place} ended the connection: ${reason}`
}

/** Where Typewire is, without the query, which may hold a key. */
export function placeOf(url: string): string {
  const { origin, pathname } = new URL(url.replace(/^ws/, 'http'))
  return origin + (pathname.replace(/\/$/, '') || '/typewire')
}
