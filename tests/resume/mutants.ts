// What resume and recovery rest on, each taken out by itself. `mutants.test.ts` runs suites on each, and they fail.

export interface Mutant {
  readonly name: string
  readonly file: string
  /** Text that is in the file once. */
  readonly from: string
  readonly to: string
  /** The suite that fails, without `.test.ts`. Default: some of this folder. */
  readonly suite?: string
  /** The test in it, where the others would take long. */
  readonly test?: string
}

const client = 'packages/client/src/connection'
const server = 'packages/server/src'
const core = 'packages/core/src/session'

const withEventsHeardAgain = {
  file: 'packages/client/src/rooms/room-entry.ts',
  from: 'if (offset <= this.#position.offset) return false',
  to: '',
}

export const mutants: readonly Mutant[] = [
  {
    name: 'without the attempt number',
    file: `${server}/peer-session.ts`,
    from: "return attempt > this.#attempt ? 'resume' : 'stale'",
    to: "return attempt > 0 ? 'resume' : 'stale'",
  },
  {
    name: 'without the identity check',
    file: `${server}/peer-session.ts`,
    from: 'if (this.isEnded || identity !== this.identity)',
    to: 'if (this.isEnded)',
  },
  {
    name: 'without the secret',
    file: `${server}/sessions.ts`,
    from: 'timingSafeEqual(given, expected) ?',
    to: 'true ?',
  },
  {
    name: 'with frames counted that a connection brings which is not the session’s',
    file: `${core}/session.ts`,
    from: 'if (this.#transport !== from) return undefined',
    to: '',
  },
  {
    name: 'with the old connection left open',
    file: `${server}/peer-session.ts`,
    from: 'old?.supersede()',
    to: '',
  },
  {
    name: 'with frames taken between hello and welcome',
    file: `${server}/peer-connection.ts`,
    from: "return this.#fail(malformed('HS-3', 'nothing may be sent between hello and welcome'))",
    to: 'return',
  },
  {
    name: 'with frames sent before the welcome',
    file: `${client}/attempt.ts`,
    from: 'this.#transport?.send(JSON.stringify([[frames.hello.kind, hello]]))',
    to: `this.#transport?.send(JSON.stringify([[frames.hello.kind, hello]]))
    this.#events.onWelcome(this.#transport!, { version: 1, session: '', received: 0, from: 0, window: 1e6, maxCalls: 64, maxMessageBytes: 1e6 })`,
  },
  {
    name: 'without telling what is sent again from what is new',
    file: `${core}/session.ts`,
    from: 'if (this.#position <= this.#received) return undefined',
    to: '',
  },
  {
    name: 'with the replay taken to begin where the hello said',
    file: `${client}/session-keeper.ts`,
    from: 'peerFrom: welcome.from,',
    to: 'peerFrom: received,',
  },
  {
    name: 'with gone believed while another connection is open',
    file: `${client}/round.ts`,
    from: '!this.#events.mayBelieveGone() ||',
    to: '',
  },
  {
    name: 'with what one has not sent carried into the session of another',
    file: `${client}/session-keeper.ts`,
    from: 'if (!isSameOwner) this.#disown()',
    to: '',
  },
  {
    name: 'without the pin of a hello',
    file: `${server}/peer-connection.ts`,
    from: 'const unpin = asked?.pin() ?? (() => {})',
    to: 'const unpin = () => {}',
  },
  {
    name: 'without the number of a request',
    file: `${server}/transports/http-links.ts`,
    from: 'if (number === link.lastUp + 1) {',
    to: 'if (number > 0) {',
  },
  {
    name: 'without the same answer for a poll that is repeated',
    file: `${server}/transports/http-poll.ts`,
    from: 'if (number === this.#number && this.#lastAnswer) return this.#respond(exchange, this.#lastAnswer)',
    to: '',
  },
  {
    name: 'with a request that is waited for without end',
    file: 'packages/client/src/transports/http-uplink.ts',
    from: 'const late = () => onFailure(',
    to: 'const late = () => void (',
  },
  {
    name: 'with events heard again at a node that is behind',
    suite: 'tests/rooms/history-client',
    ...withEventsHeardAgain,
  },
  {
    name: 'with events heard again in a storm',
    suite: 'tests/nodes/storm',
    test: 'a storm over the delaying broker',
    ...withEventsHeardAgain,
  },
]
