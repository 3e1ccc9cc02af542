import type { AnyContract, Broker, Clock, Got, MaybePromise } from '@typewire/core'
import { minMaxCalls } from '@typewire/core/internal'
import type { ClientContractsOptions } from './client-contracts.ts'
import { createMemoryBroker } from './broker/memory-broker.ts'
import { defaultMaxParamsLength } from './compile.ts'
import type { ServerMiddleware } from './middleware/types.ts'
import { nodeClock } from './node-clock.ts'
import type { ServerHooks } from './observability/hooks.ts'
import type {
  AuthenticateArgs,
  ConnectionRequest,
  Identified,
  NamespaceAuthenticateArgs,
  NamespaceContexts,
  NamespaceReviewArgs,
  OnError,
} from './types.ts'

/** The contract of a namespace, by its path. */
export type ContractAt<C extends AnyContract, Path> = Path extends keyof C['namespaces']
  ? C['namespaces'][Path]
  : Path extends `${infer Name}/${infer Rest}`
    ? Name extends keyof C['namespaces']
      ? ContractAt<C['namespaces'][Name], Rest>
      : never
    : never

/** The paths of all namespaces of a contract that ask for `auth`. `Prefix`: the path of what they lie in, with a slash behind it. */
export type PathsWithAuth<C extends AnyContract, Prefix extends string = ''> = string extends keyof C['namespaces']
  ? never // any contract
  : {
      [Name in keyof C['namespaces'] & string]:
        | ([Got<C['namespaces'][Name]['auth']>] extends [void] ? never : `${Prefix}${Name}`)
        | PathsWithAuth<C['namespaces'][Name], `${Prefix}${Name}/`>
    }[keyof C['namespaces'] & string]

/** What options must be besides where they name a namespace that the contract does not have: so it is an error that says so. */
export type KnownPaths<C extends AnyContract, N> = {
  [Path in keyof N as [ContractAt<C, Path>] extends [never] ? Path : never]: `The contract has no such namespace`
} extends infer Stray
  ? {} extends Stray
    ? unknown
    : { readonly namespaces: Stray }
  : never

/** What is inferred of options has these at least: the namespaces that ask for `auth`, so that one that is left out is an error. */
export type ContextsWithAuth<C extends AnyContract> = [PathsWithAuth<C>] extends [never]
  ? {}
  : Readonly<Record<PathsWithAuth<C>, Identified>>

/** What options must be besides where namespaces ask for `auth`. */
export type NamespacesWithAuth<C extends AnyContract> = [PathsWithAuth<C>] extends [never]
  ? unknown
  : createServer_needs_authenticate_of_namespaces

/** Namespaces of this contract ask for `auth`: nothing but a hint, in errors. */
export interface createServer_needs_authenticate_of_namespaces {
  readonly namespaces: {}
}

/** The `ctx` of what a namespace lies in, where TypeScript can tell at that point. */
export type ContextAround<Path, Ctx> = Path extends `${string}/${string}` ? Identified : Ctx

export interface ServerOptions<C extends AnyContract, Ctx extends Identified, N extends NamespaceContexts = {}> {
  /**
   * Decides who a client is, at each hello; what it returns is `ctx`. Throw `new TypewireError('UNAUTHORIZED', why)` to
   * refuse: the client does not come back by itself. Any other error is taken for a passing failure: it tries again.
   * Default: everybody is let in, with `identity: null`.
   */
  readonly authenticate?: (args: AuthenticateArgs<C>) => MaybePromise<Ctx>
  /**
   * Who may open each namespace, by its path (`admin`, `admin/audit`), when a client first uses it. As `authenticate`, it may
   * throw `UNAUTHORIZED`, and what it returns is `ctx` there. One whose contract asks for no `auth` needs none: then it is open
   * to whoever has opened what it lies in, with the same `ctx`. Write it below `authenticate`, whose result it gets as `ctx`.
   */
  readonly namespaces?: {
    readonly [Path in keyof N]: {
      readonly authenticate: (
        args: NamespaceAuthenticateArgs<ContractAt<C, Path>, ContextAround<Path, Ctx>>,
      ) => MaybePromise<N[Path]>
      /**
       * Whether it stays open at a client of which what it lies in has other credentials now: `ctx` is what was made of them.
       * Where not, it is closed as where credentials have expired: a client that has others opens it again. So
       * does an error that handlers may throw (`UNAUTHORIZED`); any other leaves it open, and `onError` is told. Default: it stays, with the `ctx` that it has.
       */
      readonly review?: ((args: NamespaceReviewArgs<ContextAround<Path, Ctx>>) => MaybePromise<boolean>) | undefined
    }
  }
  /**
   * Middleware around every call, stream, event and join, in namespaces too; the first is outermost. Around what
   * `server.middleware` puts around some handlers.
   */
  readonly use?: readonly ServerMiddleware[] | undefined
  /** Are told how calls, events, joins, connections and sessions ended. Default: none, and nothing is measured. */
  readonly hooks?: ServerHooks | readonly ServerHooks[] | undefined
  /** The path of Typewire's requests. Default `/typewire`, as the client's. */
  readonly path?: string | undefined
  /**
   * The web pages that may connect, by origin, as browsers write it: `https://app.example.com`, `capacitor://localhost`,
   * `chrome-extension://<id>`; or `'*'` for all. Default: pages of the host that they connect to. `null` cannot be given:
   * any page can make a frame that has it. Requests without an Origin header come from no browser and are not checked.
   */
  readonly origins?: readonly string[] | '*' | undefined
  /**
   * The address of a client, for `authenticate` and for `resume.maxPerAddress`; `undefined` where there is none to be had:
   * then nothing is limited by it. Default: that of the socket, which behind a proxy is the proxy's, as if all users were
   * one; with `fetch` there is none. Behind a proxy of yours, give what that proxy wrote, and nothing that a client can
   * write: `({ headers }) => headers['x-forwarded-for']?.split(',').at(-1)?.trim()`.
   */
  readonly addressOf?: ((request: ConnectionRequest) => string | undefined) | undefined
  /** How long a handler may take, in milliseconds, where its procedure does not say. Default 30,000. */
  readonly timeoutMs?: number | undefined
  /** How long a new connection may take to say hello and be authenticated, in milliseconds. Default 10,000. */
  readonly helloTimeoutMs?: number | undefined
  /**
   * How long a request of a client that came by HTTP may take to come, in milliseconds, and one more for each byte that
   * has come: a slow link has its time, one that stands does not. Then 408: clients send less at once. Default 10,000.
   */
  readonly bodyTimeoutMs?: number | undefined
  /** The largest message that is read, in bytes. A larger one closes its connection. Default 1,048,576. */
  readonly maxMessageBytes?: number | undefined
  /** The most calls and acks of one session that run at once; clients queue beyond it. Default 1,024, at least 64. */
  readonly maxCalls?: number | undefined
  /**
   * The most that waits for one client: not sent yet, or not acknowledged. A session that needs more is closed
   * (`OVERFLOW`). Four times as much of a session's uploads may wait to be read; where that is promised to some, others send
   * one item at a time. Default 4,194,304 bytes of JSON text.
   */
  readonly maxBufferBytes?: number | undefined
  /** The most joins that a client may hold at a time. One more is answered `OVERLOADED`. Default 1,000. */
  readonly maxRooms?: number | undefined
  /**
   * How many joins per second one client may ask for, where `authorize` decides; twice as many at once. One more is answered
   * `OVERLOADED`. A new session begins with `maxRooms` more, for a client that comes back with all of its rooms. Default 50:
   * more than people open, and few enough for the database behind `authorize`.
   */
  readonly maxJoinsPerSecond?: number | undefined
  /**
   * The longest canonical text of a room's params, in UTF-16 units. Longer ones are answered `INVALID_INPUT`; from the
   * server's own code they throw. Default 1,024: they are names, and go into keys and channels.
   */
  readonly maxParamsLength?: number | undefined
  /** How long, and how many, sessions without a connection wait for their clients. */
  readonly resume?: ResumeOptions | undefined
  /**
   * What joins this server process to others. Default: none, a broker in this process's memory for itself alone. Give
   * several servers one `createMemoryBroker()` to join them in one process.
   */
  readonly broker?: Broker | undefined
  /** Which other contracts clients may have been made from, and what becomes of those that this one breaks. Default: none is looked at. */
  readonly clientContracts?: ClientContractsOptions | undefined
  /** How dead links are found; `false`: not at all. Clients are told of it in the welcome. */
  readonly heartbeat?: HeartbeatOptions | false | undefined
  /** Gets the whole of what a client is not told. Default: `console.error`. */
  readonly onError?: OnError | undefined
  /** Time, for tests. Default: Node's. */
  readonly clock?: Clock | undefined
}

export interface ResumeOptions {
  /**
   * How long a session waits for its client after it has lost its connection, in milliseconds; 0: not at all. Default
   * 120,000: a tunnel, a lift, a deploy of what lies between.
   */
  readonly windowMs?: number | undefined
  /**
   * What is kept for all clients that are away, in UTF-16 units of JSON, and 6,144 for each of them; the longest away goes
   * first. Default 268,435,456: some forty thousand clients for which nothing waits.
   */
  readonly maxBytes?: number | undefined
  /** How many sessions of one identity may wait. Default 100. */
  readonly maxPerIdentity?: number | undefined
  /** How many sessions from one address (`addressOf`) may wait; many users may share one. Default 1,000. */
  readonly maxPerAddress?: number | undefined
}

export interface HeartbeatOptions {
  /**
   * How often each client is asked for a sign of life, in milliseconds. Default 25,000: below the 30 s after which some
   * proxies end a silent connection.
   */
  readonly intervalMs?: number | undefined
  /** How long it may take to answer, in milliseconds, at most the interval. Default 20,000: a busy phone, a slow link. */
  readonly timeoutMs?: number | undefined
}

export interface HeartbeatSettings {
  readonly intervalMs: number
  readonly timeoutMs: number
}

/** The options with their defaults. */
export interface Settings {
  readonly path: string
  readonly origins: readonly string[] | '*' | undefined
  readonly addressOf: (request: ConnectionRequest) => string | undefined
  readonly timeoutMs: number
  readonly helloTimeoutMs: number
  readonly bodyTimeoutMs: number
  readonly maxMessageBytes: number
  readonly maxCalls: number
  readonly maxBufferBytes: number
  readonly maxRooms: number
  readonly maxJoinsPerSecond: number
  readonly maxParamsLength: number
  readonly resume: { readonly [Name in keyof ResumeOptions]-?: number }
  readonly heartbeat: HeartbeatSettings | undefined
  readonly broker: Broker
  readonly clientContracts: ClientContractsOptions | undefined
  readonly onError: OnError
  readonly clock: Clock
  readonly use: readonly ServerMiddleware[]
  readonly hooks: readonly ServerHooks[]
}

/** @throws RangeError for a number out of its range; TypeError for a path or an origin that is none. */
export function readOptions<C extends AnyContract, Ctx extends Identified, N extends NamespaceContexts>(
  options: ServerOptions<C, Ctx, N>,
): Settings {
  const { path = '/typewire', origins, resume = {}, heartbeat = {}, onError = logError, clock = nodeClock } = options
  const { use = [], hooks = [] } = options
  if (!use.every((run) => typeof run === 'function')) throw new TypeError('createServer({ use }): give functions.')
  if (!path.startsWith('/')) throw new TypeError(`createServer({ path: '${path}' }): a path begins with '/'.`)
  if (origins !== undefined && origins !== '*') origins.forEach(assertOrigin)
  return {
    heartbeat: readHeartbeat(heartbeat),
    broker: options.broker ?? createMemoryBroker({ clock }),
    clientContracts: options.clientContracts,
    path,
    origins,
    addressOf: options.addressOf ?? (({ remoteAddress }) => remoteAddress),
    onError,
    clock,
    use,
    hooks: [hooks].flat(),
    timeoutMs: atLeast(1, 'timeoutMs', options.timeoutMs ?? 30_000),
    helloTimeoutMs: atLeast(1, 'helloTimeoutMs', options.helloTimeoutMs ?? 10_000),
    bodyTimeoutMs: atLeast(1, 'bodyTimeoutMs', options.bodyTimeoutMs ?? 10_000),
    maxMessageBytes: atLeast(1_024, 'maxMessageBytes', options.maxMessageBytes ?? 1_048_576),
    maxCalls: atLeast(minMaxCalls, 'maxCalls', options.maxCalls ?? 1_024),
    maxBufferBytes: atLeast(1_024, 'maxBufferBytes', options.maxBufferBytes ?? 4_194_304),
    maxRooms: atLeast(0, 'maxRooms', options.maxRooms ?? 1_000),
    maxJoinsPerSecond: atLeast(1, 'maxJoinsPerSecond', options.maxJoinsPerSecond ?? 50),
    maxParamsLength: atLeast(1, 'maxParamsLength', options.maxParamsLength ?? defaultMaxParamsLength),
    resume: {
      windowMs: atLeast(0, 'resume.windowMs', resume.windowMs ?? 120_000),
      maxBytes: atLeast(0, 'resume.maxBytes', resume.maxBytes ?? 268_435_456),
      maxPerIdentity: atLeast(0, 'resume.maxPerIdentity', resume.maxPerIdentity ?? 100),
      maxPerAddress: atLeast(0, 'resume.maxPerAddress', resume.maxPerAddress ?? 1_000),
    },
  }
}

function atLeast(least: number, name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= least) return value
  throw new RangeError(`createServer({ ${name}: ${value} }): give a whole number of at least ${least}.`)
}

/** An origin of the schemes that `URL` knows none of: those of apps and extensions. */
const appOrigin = /^(?!file:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9.-]+(?::\d+)?$/

function assertOrigin(origin: string): void {
  const known = URL.canParse(origin) ? new URL(origin).origin : 'null'
  if ((known === 'null' ? appOrigin.test(origin) : known === origin) && !origin.includes('*')) return
  const hint =
    origin === 'null'
      ? "any page can make a frame whose origin is null, so it would allow all. Give '*' if that is meant."
      : 'Write it as https://app.example.com.'
  throw new TypeError(`createServer({ origins }): '${origin}' is not an origin. ${hint}`)
}

const logError: OnError = (error, { where, incident }) => {
  // oxlint-disable-next-line no-console -- the documented default of onError
  console.error(`Typewire: ${where}${incident ? ` (incident ${incident})` : ''}:`, error)
}

/** @throws RangeError for a time that is none, or a limit above the interval. */
function readHeartbeat(heartbeat: HeartbeatOptions | false): HeartbeatSettings | undefined {
  if (heartbeat === false) return undefined
  const intervalMs = atLeast(10, 'heartbeat.intervalMs', heartbeat.intervalMs ?? 25_000)
  const timeoutMs = atLeast(10, 'heartbeat.timeoutMs', heartbeat.timeoutMs ?? Math.min(20_000, intervalMs))
  if (timeoutMs > intervalMs) {
    throw new RangeError(`createServer({ heartbeat }): timeoutMs ${timeoutMs} is above intervalMs ${intervalMs}.`)
  }
  return { intervalMs, timeoutMs }
}
