import { type ClientOptionsOf, type ClientStatus, isTypewireError, type Client } from '@typewire/client'
import { createWatchedClient, type TransportWatch } from '@typewire/client/watched'
import type { AnyContract } from '@typewire/core'
import { CliError, messageOf } from '../cli-error.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Io } from '../io.ts'
import { explainError, explainRefusal, explainUnreachable, placeOf } from './explain.ts'
import type { TerminalOptions } from './options.ts'
import { note } from './printer.ts'
import { readSecret } from './read-input.ts'
import { richValue } from './rich-values.ts'
import { safeText } from './safe-text.ts'
import type { Target } from './target.ts'
import { traceTo } from './trace.ts'
import { type UntypedNamespace, type UntypedVerbs, verb } from './untyped-client.ts'

export interface Connected {
  /** Of the namespace, where one is named. */
  readonly verbs: UntypedVerbs
  /** Aborts when the user interrupts, and when the connection is gone and does not come back. */
  readonly signal: AbortSignal
  /** Resolves when the server has ended the connection for good, to what it said. */
  readonly ended: Promise<CliError>
  readonly ping: Client<AnyContract>['ping']
}

export interface ConnectOptions extends TerminalOptions {
  readonly timeout?: number | undefined
  /** Told of all that travels, before the client looks at it. */
  readonly onBatch?: TransportWatch['onBatch']
  /** Told of the verbs before anything travels. */
  readonly onVerbs?: (verbs: UntypedVerbs) => void
  /** Goes on without a connection for as long as it takes, and says so. */
  readonly isPatient?: boolean
}

/**
 * Connects, does something, and closes the connection, whatever comes of it.
 * @throws CliError when there is no connection, or when a call is answered with an error.
 */
export async function withServer(
  url: string,
  target: Target,
  options: ConnectOptions,
  io: Io,
  act: (connected: Connected) => Promise<void>,
): Promise<void> {
  assertUrl(url)
  const client = await createClient(url, target, options, io)
  const lost = new AbortController()
  const signal = AbortSignal.any([io.signal, lost.signal])
  try {
    const { verbs, namespace } = verbsOf(client, target.path)
    options.onVerbs?.(verbs)
    await connect(client, url, options, io.signal)
    if (namespace) {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(options.connectTimeout)])
      await namespace.open({ signal: inTime }).catch((error: unknown) => throwRefused(error, target, io))
    }
    const ended = Promise.race([watch(client, url, options, io, lost), ...untilClosed(namespace, target)])
    await act({ verbs, signal, ended, ping: client.ping })
  } catch (error) {
    const { reason } = lost.signal
    if (lost.signal.aborted && reason instanceof CliError) throw reason
    const status = client.status.current
    if (status.state === 'closed' && status.error && !io.signal.aborted)
      throw new CliError(
        explainRefusal(url, { code: status.error.code, reason: status.reason }),
        exitCodes.unreachable,
        { cause: error },
      )
    if (io.signal.aborted || !isTypewireError(error)) throw error
    if (error.cause instanceof CliError) throw error.cause // an item of an upload was wrong
    throw new CliError(await explainError(error), exitCodes.found, { cause: error })
  } finally {
    await client.close()
  }
}

/** @throws CliError for what is no URL of a server, or holds credentials. */
function assertUrl(url: string): void {
  const example = 'Give it whole, such as http://localhost:3000 or wss://example.com/typewire.'
  if (!/^(https?|wss?):\/\/./.test(url) || !URL.canParse(url)) {
    const near = /^[\w.-]+(:\d+)?(\/|$)/.test(url) ? ` Did you mean http://${url}?` : ''
    throw new CliError(`${url.includes('@') ? 'This' : url} is no URL of a server.${near} ${example}`, exitCodes.usage)
  }
  const { username, password, searchParams } = new URL(url)
  if (username !== '' || password !== '' || [...searchParams.keys()].some((name) => secretNames.test(name)))
    throw new CliError(
      'The URL holds credentials, which proxies and logs would see. Give them by --auth.',
      exitCodes.usage,
    )
}

const secretNames = /token|secret|passw|credential|api[_-]?key|(^|[_-])(key|auth|authorization|jwt|pwd)$/i

async function createClient(url: string, { path, known }: Target, options: ConnectOptions, io: Io) {
  const definitions = known?.snapshot.$defs ?? {}
  const auth =
    options.auth === undefined
      ? undefined
      : richValue(await readSecret(options.auth, '--auth', io), known?.snapshot.auth ?? true, definitions, '--auth')
  if (options.namespaceAuth !== undefined && path.length === 0)
    throw new CliError('--namespace-auth is of a namespace. Name it: --namespace admin.', exitCodes.usage)
  const inner =
    options.namespaceAuth === undefined
      ? undefined
      : richValue(
          await readSecret(options.namespaceAuth, '--namespace-auth', io),
          known?.section.auth ?? true,
          definitions,
          '--namespace-auth',
        )
  const trace = options.trace ? traceTo(io) : undefined
  const given = {
    url,
    auth,
    fingerprint: known?.snapshot.fingerprint,
    transports: options.transport ? [options.transport] : undefined,
    namespaces: inner === undefined ? undefined : namespaceOptions(path, inner),
    onError: (error: unknown) => note(io, `note: ${messageOf(error)}`),
  } as unknown as ClientOptionsOf<AnyContract>
  return createWatchedClient<AnyContract>(given, {
    onState: (state, transport) => trace?.onState(state, transport),
    onBatch: (...batch) => {
      trace?.onBatch(...batch)
      options.onBatch?.(...batch)
    },
  })
}

function namespaceOptions([name = '', ...rest]: readonly string[], auth: unknown): object {
  return { [name]: rest.length === 0 ? { auth } : { namespaces: namespaceOptions(rest, auth) } }
}

function verbsOf(client: Client<AnyContract>, path: readonly string[]) {
  let verbs = client as unknown as UntypedVerbs
  let namespace: UntypedNamespace | undefined
  for (const name of path) verbs = namespace = verb(verbs.ns, name)
  return { verbs, namespace }
}

/** Resolves when the server has closed the namespace. */
function untilClosed(namespace: UntypedNamespace | undefined, { path }: Target): readonly Promise<CliError>[] {
  if (!namespace) return []
  const closed = new Promise<CliError>((resolve) => {
    namespace.status.subscribe(() => {
      const { current } = namespace.status
      if (current.state !== 'closed' || current.error.code === 'CLOSED') return
      const what = safeText(`The namespace ${path.join('.')} is closed: ${current.error.code}: ${current.reason}`)
      resolve(new CliError(what, exitCodes.unreachable))
    })
  })
  return [closed]
}

async function throwRefused(error: unknown, { path }: Target, io: Io): Promise<never> {
  if (!isTypewireError(error) || io.signal.aborted) throw error
  const advice =
    error.code === 'UNAUTHORIZED' ? '\nGive others: --namespace-auth env:NAME, or --namespace-auth @file.' : ''
  throw new CliError(
    safeText(`The namespace ${path.join('.')} cannot be opened: ${error.code}: ${error.message}${advice}`),
    exitCodes.unreachable,
    { cause: error },
  )
}

/** @throws CliError when no transport is welcomed, or not in time. */
async function connect(
  client: Client<AnyContract>,
  url: string,
  { connectTimeout }: ConnectOptions,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController()
  const fail = (message: string) => over.abort(new CliError(message, exitCodes.unreachable))
  const timer = setTimeout(
    () => fail(`${placeOf(url)} has not answered within ${connectTimeout} ms. Wait longer with --connect-timeout.`),
    connectTimeout,
  )
  const off = client.status.subscribe(() => {
    const { current } = client.status
    // One try has a limit of its own, of 10 s.
    if (current.state === 'waiting' && !current.reason.startsWith('HELLO_TIMEOUT: not welcomed'))
      fail(explainUnreachable(url, current.reason))
  })
  try {
    await client.connect({ signal: AbortSignal.any([signal, over.signal]) })
  } catch (error) {
    throw over.signal.aborted ? over.signal.reason : error
  } finally {
    clearTimeout(timer)
    off()
  }
}

/** What becomes of the connection once it is open. */
function watch(
  client: Client<AnyContract>,
  url: string,
  { connectTimeout, isPatient = false }: ConnectOptions,
  io: Io,
  lost: AbortController,
): Promise<CliError> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined
    let before: ClientStatus['state'] = 'open'
    client.status.subscribe(() => {
      const { current } = client.status
      const was = before
      before = current.state
      if (current.state === 'open' || current.state === 'closed') {
        clearTimeout(timer)
        timer = undefined
      }
      if (current.state === 'open' && was !== 'open' && isPatient)
        note(io, `connected again${current.recovered === false ? ', in another session: events may be missed' : ''}`)
      if (current.state === 'closed' && current.error)
        resolve(
          new CliError(
            explainRefusal(url, { code: current.error.code, reason: current.reason }),
            exitCodes.unreachable,
          ),
        )
      if (current.state !== 'waiting' && current.state !== 'connecting') return
      if (isPatient)
        return void (was === 'open' && note(io, `the connection is lost${reasonOf(current)}; trying again`))
      timer ??= setTimeout(() => {
        const reason = reasonOf(client.status.current)
        const what = safeText(`The connection is lost${reason}, and did not come back within ${connectTimeout} ms.`)
        lost.abort(new CliError(`${what} The server may have done what it was asked.`, exitCodes.unreachable))
      }, connectTimeout)
    })
  })
}

const reasonOf = (status: ClientStatus) => (status.state === 'waiting' ? ` (${status.reason})` : '')
