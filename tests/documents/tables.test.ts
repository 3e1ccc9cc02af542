import { closeCodes, closeMeanings, type CloseName, errorCodes, type ErrorCodeEntry } from '@typewire/core'
import {
  callLength,
  encodePayload,
  firstCountedKind,
  type FrameEntry,
  frameMeanings,
  frameSenders,
  type FrameName,
  frames,
  isName,
  maxBufferFrames,
  maxNesting,
  maxPendingRequests,
  maxUnreadItems,
  minMaxCalls,
  parseBatch,
  parseHello,
  parseWelcome,
  ProtocolError,
  decodePayload,
  targetLength,
} from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import {
  connectTimeoutMs,
  maxBufferBytes,
  readOptions as readClientOptions,
} from '../../packages/client/src/options.ts'
import {
  maxAnnotations,
  maxBigintLength,
  maxHashedNumbers,
  richTypes,
} from '../../packages/core/src/codec/annotations.ts'
import { maxHostLength } from '../../packages/core/src/codec/long-host.ts'
import { maxParts } from '../../packages/core/src/codec/parts.ts'
import { maxNameLength } from '../../packages/core/src/contract/names.ts'
import { goldenContainer, goldenFrames, goldenPayloads } from '../../packages/core/src/protocol/golden.ts'
import { maxStreams } from '../../packages/server/src/dispatch/run-call.ts'
import { maxUnreadBuffers } from '../../packages/server/src/dispatch/upload-room.ts'
import { maxBacklog } from '../../packages/server/src/dispatch/backlog.ts'
import { defaultMaxHistoryBytes, maxKeys } from '../../packages/server/src/broker/memory-history.ts'
import { maxWaiting } from '../../packages/server/src/in-order.ts'
import { defaultMaxResultBytes } from '../../packages/server/src/broker/memory-broker.ts'
import { resultCost } from '../../packages/server/src/broker/memory-results.ts'
import { keptBeyondWindowMs } from '../../packages/server/src/dispatch/idempotent-calls.ts'
import { maxKeptLength } from '../../packages/server/src/dispatch/kept-outcome.ts'
import { maxRunning, openingsAtOnce, openingsPerSecond } from '../../packages/server/src/dispatch/openings.ts'
import { historyDefaults } from '../../packages/server/src/compile.ts'
import { readOptions as readServerOptions } from '../../packages/server/src/options.ts'
import {
  historyPageLimit,
  maxHistoryPageLength,
  maxHistoryPageLimit,
} from '../../packages/server/src/rooms/history-pages.ts'
import { readPresenceOptions } from '../../packages/server/src/rooms/presence-settings.ts'
import { maxPresenceBytes } from '../../packages/server/src/rooms/read-presence.ts'
import { countEveryMs, maxListed, maxListedLength } from '../../packages/server/src/rooms/room-presence.ts'
import { updateEveryMs } from '../../packages/server/src/rooms/session-presence.ts'
import { sessionCost } from '../../packages/server/src/sessions.ts'
import { minBodyBytes } from '../../packages/server/src/transports/http-links.ts'
import { pollTimeoutMs } from '../../packages/server/src/transports/http-poll.ts'
import { readDocument, table, updated } from './documents.ts'

const number = (value: number) => value.toLocaleString('en-US')
const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')

describe('PROTOCOL.md shows the tables of the code', () => {
  test('frames', () => {
    const rows = Object.entries<FrameEntry>(frames).map(([name, { kind, elements }]) => [
      kind,
      `\`${name}\``,
      frameSenders[name as FrameName],
      Object.entries(elements)
        .map(([element, type]) => (element === type ? `\`${element}\`` : `\`${element}\`: ${type}`))
        .join(', ') || '–',
      frameMeanings[name as FrameName],
    ])
    const counted = rows.filter(([kind]) => Number(kind) >= firstCountedKind)
    const uncounted = rows.filter(([kind]) => Number(kind) < firstCountedKind)
    const head = ['Kind', 'Frame', 'From', 'Elements behind the kind', 'Meaning']
    const text = `Not counted:\n\n${table(head, uncounted)}\n\nCounted:\n\n${table(head, counted)}`
    expect(updated('PROTOCOL.md', 'frames', text)).toBe(text)
  })

  test('close codes', () => {
    const reconnects = { retry: 'yes', never: 'no' }
    const rows = Object.entries(closeCodes).map(([name, { code, reconnect }]) => [
      code,
      `\`${name}\``,
      closeMeanings[name as CloseName],
      reconnects[reconnect],
    ])
    const text = table(['Code', 'Name', 'Meaning', 'Connects again'], rows)
    expect(updated('PROTOCOL.md', 'close-codes', text)).toBe(text)
  })

  test('error codes', () => {
    const rows = Object.entries<ErrorCodeEntry>(errorCodes).map(([code, { meaning }]) => [
      `\`${code}\``,
      onTheWire.has(code) ? 'yes' : 'no',
      meaning,
    ])
    const text = table(['Code', 'On the wire', 'Meaning'], rows)
    expect(updated('PROTOCOL.md', 'error-codes', text)).toBe(text)
  })

  test('limits', () => {
    const text = table(['What', 'Default', 'Set by', 'Beyond it'], limits)
    expect(updated('PROTOCOL.md', 'limits', text)).toBe(text)
  })

  test('frames by example', () => {
    const groups = Object.values(goldenFrames).map((group) =>
      group.map(({ meaning, text }) => `${meaning}:\n${text}`).join('\n'),
    )
    const text = `\`\`\`text\n${groups.join('\n\n')}\n\`\`\``
    expect(updated('PROTOCOL.md', 'golden-frames', text)).toBe(text)
  })

  test('payloads by example', () => {
    const rows = goldenPayloads.map(({ meaning, text, parts = [] }) => [
      meaning,
      [text === '' ? '–' : `\`${text}\``, ...parts.map((part, index) => `part ${index}: \`${hex(part)}\``)].join(', '),
    ])
    const text = table(['Value', 'Written as'], rows)
    expect(updated('PROTOCOL.md', 'golden-payloads', text)).toBe(text)
  })

  test('a container by example', () => {
    const { batch, parts, pieces } = goldenContainer
    const rows = pieces.map(({ meaning, bytes }) => [meaning, `\`${hex(bytes)}\``])
    const of = `\`${batch}\`, with ${parts.map((part) => `\`${hex(part)}\``).join(' and ')}:`
    const text = `${of}\n\n${table(['Piece', 'Bytes'], rows)}`
    expect(updated('PROTOCOL.md', 'golden-container', text)).toBe(text)
  })
})

test('docs/errors.md shows the registry of error codes', () => {
  const rows = Object.entries<ErrorCodeEntry>(errorCodes).map(([code, { meaning, retryable, remedy, mayBeThrown }]) => [
    `\`${code}\``,
    meaning,
    retryable ? 'yes' : 'no',
    mayBeThrown ? 'yes' : 'no',
    remedy,
  ])
  const head = ['Code', 'Meaning', 'May succeed when repeated', 'A handler may throw it', 'What to do']
  const text = table(head, rows)
  expect(updated('docs/errors.md', 'errors', text)).toBe(text)
})

/** What the side that handles a request may answer. */
const onTheWire = new Set<string>([
  'INVALID_INPUT',
  'NO_HANDLER',
  'TIMED_OUT',
  'INTERNAL',
  'SESSION_LOST', // CA-11
  ...Object.entries<ErrorCodeEntry>(errorCodes).flatMap(([code, { mayBeThrown }]) => (mayBeThrown ? [code] : [])),
])

const server = readServerOptions({})
const heartbeat = server.heartbeat!
const client = readClientOptions({ url: 'http://localhost' })

/** Not exported: the tests below hold the code to them. */
const maxTextLength = 1_024
const maxTokenLength = 256

const limits = [
  [
    'A message, at the server',
    `${number(server.maxMessageBytes)} bytes`,
    '`maxMessageBytes` of the server',
    'closed with 1009 (WR-6)',
  ],
  ['Nesting of a message', number(maxNesting), '–', 'closes (WR-5)'],
  ['A text element of a frame', `${number(maxTextLength)} UTF-16 units`, '–', 'closes (FR-4)'],
  ['A token of the handshake', `${number(maxTokenLength)} characters`, '–', 'closes (HS-2)'],
  ['A name in a contract', `${number(maxNameLength)} characters`, '–', '`defineContract` throws (LM-5)'],
  ['Annotations of a payload', number(maxAnnotations), '–', '`INVALID_INPUT` (PL-6)'],
  ['A `bigint`', `${number(maxBigintLength)} characters`, '–', '`INVALID_INPUT` (PL-6)'],
  ['Numbers and bigints in sets and as keys of maps', number(maxHashedNumbers), '–', '`INVALID_INPUT` (PL-6)'],
  ['The host of a `URL`', `${number(maxHostLength)} characters`, '–', '`INVALID_INPUT` (PL-14)'],
  ['Parts of a message', number(maxParts), '–', 'closes (WR-8)'],
  [
    'From the opened connection to the welcome, at the server',
    `${number(server.helloTimeoutMs)} ms`,
    '`helloTimeoutMs` of the server',
    '`HELLO_TIMEOUT` (HS-5)',
  ],
  ['The same, at the client', `${number(connectTimeoutMs)} ms`, '–', 'a failed attempt (CL-6)'],
  [
    'The body of a request by HTTP, at the server',
    `${number(Math.max(minBodyBytes, 2 * server.maxMessageBytes))} bytes`,
    '`maxMessageBytes` of the server: twice that, and at least 512 KiB',
    '413 (HT-3)',
  ],
  [
    'How long a request to `/up` may take to come',
    `${number(server.bodyTimeoutMs)} ms, and 1 ms for each byte that has come`,
    '`bodyTimeoutMs` of the server',
    '408 (HT-3)',
  ],
  ['How long a poll may wait', `${number(pollTimeoutMs)} ms`, '–', 'answered with nothing (HT-5)'],
  [
    'Between two pings of the server',
    `${number(heartbeat.intervalMs)} ms`,
    '`heartbeat.intervalMs` of the server',
    '–',
  ],
  [
    'The answer to a ping',
    `${number(heartbeat.timeoutMs)} ms`,
    '`heartbeat.timeoutMs` of the server',
    '`SILENT` (HB-2)',
  ],
  [
    'A session without a connection',
    `${number(server.resume.windowMs)} ms`,
    '`resume.windowMs` of the server',
    'ends (RS-1)',
  ],
  [
    'Such sessions of one identity',
    number(server.resume.maxPerIdentity),
    '`resume.maxPerIdentity` of the server',
    'the longest away ends (RS-1)',
  ],
  [
    'Such sessions from one address',
    number(server.resume.maxPerAddress),
    '`resume.maxPerAddress` of the server',
    'the longest away ends (RS-1)',
  ],
  [
    'What is kept for all of them',
    `${number(server.resume.maxBytes)} UTF-16 units, each session as ${number(sessionCost)}`,
    '`resume.maxBytes` of the server',
    'the longest away ends (RS-1)',
  ],
  ['A handler', `${number(server.timeoutMs)} ms`, '`timeoutMs` of the procedure or the server', '`TIMED_OUT` (CA-8)'],
  [
    'What an idempotent call was answered is kept for',
    `${number(server.resume.windowMs + keptBeyondWindowMs)} ms`,
    `\`resume.windowMs\` of the server, and ${number(keptBeyondWindowMs)} more`,
    'a repetition runs (CA-12)',
  ],
  ['The longest that is kept', `${number(maxKeptLength)} UTF-16 units of JSON`, '–', 'a repetition runs (CA-12)'],
  [
    'All that is kept, by the broker in memory',
    `${number(defaultMaxResultBytes)} UTF-16 units, each as ${number(resultCost)} more`,
    '`maxResultBytes` of the broker',
    'the oldest is forgotten (CA-12)',
  ],
  [
    'Requests of a session that run at once',
    `${number(server.maxCalls)}, at least ${number(minMaxCalls)}`,
    '`maxCalls` of the server',
    '`OVERLOADED` (LM-2)',
  ],
  ['Events of a session that wait for a handler', number(maxBacklog), '–', '`OVERFLOW` (LM-3)'],
  [
    'What server code emits in one room, or to one session, and waits for a schema',
    number(maxWaiting),
    '–',
    'not sent; `onError` is told',
  ],
  ['Streams and uploads of a session at once', number(maxStreams), '–', '`OVERLOADED` (ST-8)'],
  [
    'What the option `credit` lets come, beside so many items',
    `${number(callLength)} UTF-16 units`,
    '–',
    'waits (ST-1)',
  ],
  [
    'What a reader of items lets wait and be on its way',
    `${number(targetLength)} UTF-16 units of text and bytes of parts, and one item; 256 items`,
    '–',
    'waits (ST-2)',
  ],
  ['Items that were not read, at the side that sends', number(maxUnreadItems), '–', 'waits (ST-2)'],
  [
    'Items of uploads of a session that wait to be read',
    `${number(maxUnreadBuffers * server.maxBufferBytes)} UTF-16 units of JSON and bytes of parts`,
    '`maxBufferBytes` of the server: four times that',
    '`OVERLOADED` (ST-3)',
  ],
  ['Requests without an answer, at the side that asks', number(maxPendingRequests), '–', '`OVERLOADED`, not sent'],
  [
    'Rooms that a client has joined in a session',
    number(server.maxRooms),
    '`maxRooms` of the server',
    '`OVERLOADED` (LM-4)',
  ],
  ['What a session says of itself in a room', `${number(maxPresenceBytes)} bytes`, '–', '`INVALID_INPUT` (PR-6)'],
  [
    'How often it is told that it says something else, in all its rooms',
    `every ${number(updateEveryMs)} ms`,
    '–',
    'the last is told (PR-5)',
  ],
  [
    'Sessions that members of a room are shown',
    `${number(maxListed)}, of ${number(maxListedLength)} UTF-16 units`,
    '–',
    'the count alone (PR-6)',
  ],
  ['How often they are told the count alone', `every ${number(countEveryMs)} ms`, '–', 'the last is told (PR-7)'],
  [
    'How often one that lags behind is told all anew',
    `every ${number(countEveryMs)} ms`,
    '–',
    'the last is told (PR-11)',
  ],
  [
    'How long one is shown that has lost its connection',
    `${number(readPresenceOptions(undefined, '').graceMs)} ms`,
    '`presence.graceMs` of the room at the server',
    'gone (PR-4)',
  ],
  [
    'Joins that a client asks for per second',
    `${number(server.maxJoinsPerSecond)}, twice as many at once; a new session begins with ${number(server.maxRooms)} more`,
    '`maxJoinsPerSecond` of the server',
    '`OVERLOADED` (LM-6)',
  ],
  [
    'Openings of namespaces with an `authenticate` that a session asks for per second',
    `${openingsPerSecond}; ${openingsAtOnce} at once, or two for each namespace`,
    '–',
    '`OVERLOADED` (LM-8)',
  ],
  ['Such that are judged at a time, in a session', number(maxRunning), '–', '`OVERLOADED` (LM-8)'],
  [
    'The canonical text of the params of a room',
    `${number(server.maxParamsLength)} UTF-16 units`,
    '`maxParamsLength` of the server',
    '`INVALID_INPUT` (LM-7)',
  ],
  [
    'Events that are kept of a room with a history',
    number(historyDefaults.limit),
    '`history.limit` of the room',
    'the oldest is forgotten (HI-4)',
  ],
  ['How long they are kept', `${number(historyDefaults.ttlMs)} ms`, '`history.ttlMs` of the room', 'forgotten (HI-4)'],
  [
    'What is kept of all such rooms together, by the broker in memory',
    `${number(defaultMaxHistoryBytes)} UTF-16 units of text and bytes of parts`,
    '`maxHistoryBytes` of `createMemoryBroker`',
    'the oldest is forgotten (HI-4)',
  ],
  ['Keys of events that a room remembers', number(maxKeys), '–', 'the oldest is forgotten'],
  ['What a member recovers at once', 'half of what the server keeps for a client', '–', 'not recovered (HI-4)'],
  [
    'Events of a page of history',
    `${number(historyPageLimit)}, at most ${number(maxHistoryPageLimit)}`,
    '`limit` of the call',
    'on the next page (HI-9)',
  ],
  ['Length of a page of history', `${number(maxHistoryPageLength)} UTF-16 units`, '–', 'on the next page (HI-9)'],
  [
    'What the server keeps for a client',
    `${number(server.maxBufferBytes)} UTF-16 units of text and bytes of parts; ${number(maxBufferFrames)} frames`,
    '`maxBufferBytes` of the server',
    '`OVERFLOW` (SQ-6)',
  ],
  [
    'What a client keeps for the server',
    `${number(maxBufferBytes)} UTF-16 units of text and bytes of parts; ${number(maxBufferFrames)} frames`,
    '–',
    '`OVERLOADED`, not sent',
  ],
  [
    'First wait before connecting again',
    `0 to ${number(client.minDelayMs)} ms`,
    '`reconnect.minDelayMs` of the client',
    '–',
  ],
  [
    'Longest wait before connecting again',
    `0 to ${number(client.maxDelayMs)} ms`,
    '`reconnect.maxDelayMs` of the client',
    '–',
  ],
] as const

describe('limits that the code does not export hold at N and not at N + 1', () => {
  const isTaken = (batch: unknown) => !(parseBatch(JSON.stringify(batch)) instanceof ProtocolError)

  test('a text element (FR-4)', () => {
    expect(isTaken([[17, 1, 'x'.repeat(maxTextLength), 0]])).toBe(true)
    expect(isTaken([[17, 1, 'x'.repeat(maxTextLength + 1), 0]])).toBe(false)
  })

  test('a token (HS-2)', () => {
    expect(parseHello({ ...hello, instance: 'x'.repeat(maxTokenLength) })).not.toBeInstanceOf(ProtocolError)
    expect(parseHello({ ...hello, instance: 'x'.repeat(maxTokenLength + 1) })).toBeInstanceOf(ProtocolError)
  })

  test('a bigint (PL-6)', () => {
    expect(decodePayload('1'.repeat(maxBigintLength), ['bigint'])).toBeTypeOf('bigint')
    expect(() => decodePayload('1'.repeat(maxBigintLength + 1), ['bigint'])).toThrow(/not what a bigint/)
  })

  test('annotations (PL-6)', () => {
    const dates = (count: number) => Array.from({ length: count }, () => new Date(0))
    expect(encodePayload(dates(maxAnnotations))).toMatch(/Date/)
    expect(() => encodePayload(dates(maxAnnotations + 1))).toThrow(/More than 10000/)
  })

  test('numbers in sets (PL-6)', () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)
    expect(decodePayload(numbers(maxHashedNumbers), ['set'])).toBeInstanceOf(Set)
    expect(() => decodePayload(numbers(maxHashedNumbers + 1), ['set'])).toThrow(/More than 10000 numbers/)
  })

  test('the host of a URL (PL-14)', () => {
    const url = (length: number) => `https://a@${'x'.repeat(length)}:8080/`
    expect(decodePayload(url(maxHostLength), ['URL'])).toBeInstanceOf(URL)
    expect(() => decodePayload(url(maxHostLength + 1), ['URL'])).toThrow(/not what a URL/)
  })

  test('a name (LM-5)', () => {
    expect(isName('x'.repeat(maxNameLength))).toBe(true)
    expect(isName('x'.repeat(maxNameLength + 1))).toBe(false)
    for (const name of ['then', 'toJSON', 'constructor', '__proto__', '1st', 'a-b', ''])
      expect(isName(name)).toBe(false)
  })

  test('the least that a server may allow to run at once (HS-6)', () => {
    expect(readServerOptions({ maxCalls: minMaxCalls }).maxCalls).toBe(minMaxCalls)
    expect(() => readServerOptions({ maxCalls: minMaxCalls - 1 })).toThrow(RangeError)
  })
})

test('the table of types is the list of what is taken, and from whom (PL-3)', () => {
  const rows = rowsOf('types').flatMap(([types = '', from = '']) => namesIn(types).map((type) => [type, from] as const))
  expect(Object.fromEntries(rows)).toEqual(richTypes)
})

const hello = { versions: [1, 1], attempt: 1, instance: 'a', window: 1 }
const welcome = { version: 1, session: 's', received: 0, from: 0, window: 1, maxCalls: 64, maxMessageBytes: 1024 }

describe.each([
  ['hello', 'HS-2', hello, parseHello],
  ['welcome', 'HS-6', welcome, parseWelcome],
] as const)('the table of the body of %s is what is checked (%s)', (name, clause, body, parse) => {
  const rows = membersOf(name)

  test('the required members are required, and nothing else is', () => {
    expect(rows.filter(({ isRequired }) => isRequired).map(({ member }) => member)).toEqual(Object.keys(body))
    expect(parse(body)).not.toBeInstanceOf(ProtocolError)
  })

  test.each(rows.filter(({ isRequired }) => isRequired))('$member may be neither missing nor wrong', ({ member }) => {
    for (const wrong of [undefined, null, 'two words', -1, 1.5, [], {}]) {
      expect(parse({ ...body, [member]: wrong })).toMatchObject({ close: 'BAD_FRAME', clause })
    }
  })

  test.each(rows.filter(({ isRequired }) => !isRequired))('$member may be missing', ({ member }) => {
    expect(parse({ ...body, [member]: undefined })).not.toBeInstanceOf(ProtocolError)
  })

  test('members that are not in the table are ignored (FR-3)', () => {
    expect(parse({ ...body, fromALaterVersion: [1] })).not.toBeInstanceOf(ProtocolError)
  })
})

/** The rows of the table that follows `<!-- the test reads this table: name -->`. */
function rowsOf(name: string): string[][] {
  const [, behind = ''] = readDocument('PROTOCOL.md').split(`<!-- the test reads this table: ${name} -->`)
  const [, ...lines] = behind.trim().split('\n\n')[0]!.split('\n')
  return lines.slice(1).map((line) => {
    const [, ...cells] = line.split('|').map((cell) => cell.trim())
    return cells
  })
}

function membersOf(name: string): { member: string; isRequired: boolean }[] {
  return rowsOf(name).flatMap(([members = '', , required = '']) => {
    return namesIn(members).map((member) => ({ member, isRequired: required === 'required' }))
  })
}

const namesIn = (cell: string) => [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
