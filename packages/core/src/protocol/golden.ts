import type { Part } from '../codec/parts.ts'
import type { Frame, FrameName } from './frames.ts'

/** One frame as it is on the wire, and as code holds it. */
export interface GoldenFrame {
  readonly meaning: string
  /** The text, exactly as this version writes it. */
  readonly text: string
  readonly frame: Frame
}

/** The least that a welcome says. */
const newSession = {
  version: 1,
  session: 's1',
  received: 0,
  from: 0,
  window: 4_194_304,
  maxCalls: 1_024,
  maxMessageBytes: 1_048_576,
} as const

/**
 * The wire, by example: for each kind of frame its texts and what they mean. Tests run it both ways, and PROTOCOL.md
 * shows it. A text here may never change while version 1 is spoken.
 */
export const goldenFrames: Readonly<Record<FrameName, readonly GoldenFrame[]>> = {
  hello: [
    {
      meaning: 'A client asks for a new session',
      text: '[0,{"versions":[1,1],"attempt":1,"instance":"c0ffee","window":4194304}]',
      frame: [0, { versions: [1, 1], attempt: 1, instance: 'c0ffee', window: 4_194_304 }],
    },
    {
      meaning: 'With credentials, of which one is not plain JSON',
      text: '[0,{"versions":[1,1],"attempt":2,"instance":"c0ffee","window":4194304,"auth":{"token":"t","at":"1970-01-01T00:00:00.000Z"},"authAnnotations":{"at":["Date"]}}]',
      frame: [
        0,
        {
          versions: [1, 1],
          attempt: 2,
          instance: 'c0ffee',
          window: 4_194_304,
          auth: { token: 't', at: '1970-01-01T00:00:00.000Z' },
          authAnnotations: { at: ['Date'] },
        },
      ],
    },
    {
      meaning: 'Asks for one session, of which it has received five counted frames',
      text: '[0,{"versions":[1,1],"attempt":3,"instance":"c0ffee","window":4194304,"maxMessageBytes":1048576,"resume":{"session":"s1","secret":"hush","received":5},"route":"n2"}]',
      frame: [
        0,
        {
          versions: [1, 1],
          attempt: 3,
          instance: 'c0ffee',
          window: 4_194_304,
          maxMessageBytes: 1_048_576,
          resume: { session: 's1', secret: 'hush', received: 5 },
          route: 'n2',
        },
      ],
    },
  ],
  welcome: [
    {
      meaning: 'A new session, which ends with its connection',
      text: '[1,{"version":1,"session":"s1","received":0,"from":0,"window":4194304,"maxCalls":1024,"maxMessageBytes":1048576}]',
      frame: [1, newSession],
    },
    {
      meaning: 'A session goes on: the server has received seven counted frames, and sends again from its sixth on',
      text: '[1,{"version":1,"session":"s1","received":7,"from":5,"window":4194304,"maxCalls":1024,"maxMessageBytes":1048576,"resume":{"secret":"hush","windowMs":120000},"heartbeat":{"intervalMs":25000,"timeoutMs":10000},"route":"n2"}]',
      frame: [
        1,
        {
          ...newSession,
          received: 7,
          from: 5,
          resume: { secret: 'hush', windowMs: 120_000 },
          heartbeat: { intervalMs: 25_000, timeoutMs: 10_000 },
          route: 'n2',
        },
      ],
    },
    {
      meaning: 'The session of a client that the server knows, as the same one as long as the token is the same',
      text: '[1,{"version":1,"session":"s1","received":0,"from":0,"window":4194304,"maxCalls":1024,"maxMessageBytes":1048576,"identity":"k3V0hTn9Yp"}]',
      frame: [1, { ...newSession, identity: 'k3V0hTn9Yp' }],
    },
    {
      meaning: 'Of a server whose slowest procedure may take a minute',
      text: '[1,{"version":1,"session":"s1","received":0,"from":0,"window":4194304,"maxCalls":1024,"maxMessageBytes":1048576,"maxTimeoutMs":60000,"timeLimits":{"report":60000}}]',
      frame: [1, { ...newSession, maxTimeoutMs: 60_000, timeLimits: { report: 60_000 } }],
    },
  ],
  gone: [
    { meaning: 'The session cannot be resumed', text: '[2,null]', frame: [2, null] },
    { meaning: 'Nor can it, but what it had received is known', text: '[2,7]', frame: [2, 7] },
  ],
  close: [
    { meaning: 'The client closes', text: '[3,1000,"closed",0]', frame: [3, 1_000, 'closed', 0] },
    {
      meaning: 'The server is closing; it had received seven counted frames; come back in two seconds or later',
      text: '[3,4503,"the server is closing",{"received":7,"retryAfterMs":2000}]',
      frame: [3, 4_503, 'the server is closing', { received: 7, retryAfterMs: 2_000 }],
    },
  ],
  ping: [{ meaning: 'Three counted frames sent, two received', text: '[4,3,2]', frame: [4, 3, 2] }],
  pong: [{ meaning: 'Two counted frames sent, three received', text: '[5,2,3]', frame: [5, 2, 3] }],
  ack: [{ meaning: 'Three counted frames have been dispatched', text: '[6,3]', frame: [6, 3] }],
  volatileEvent: [
    {
      meaning: 'Of no room',
      text: '[8,0,"cursor",0,{"x":4,"y":2}]',
      frame: [8, 0, 'cursor', 0, { x: 4, y: 2 }],
    },
    { meaning: 'Into room 17, or from it', text: '[8,17,"typing",0]', frame: [8, 17, 'typing', 0] },
  ],
  drain: [{ meaning: 'The server closes within five seconds', text: '[9,5000]', frame: [9, 5_000] }],
  noop: [{ meaning: 'Nothing, under a number', text: '[16]', frame: [16] }],
  call: [
    {
      meaning: 'With a payload that is plain JSON',
      text: '[17,1,"send",0,{"roomId":"42","text":"hi"}]',
      frame: [17, 1, 'send', 0, { roomId: '42', text: 'hi' }],
    },
    { meaning: 'Without a payload', text: '[17,2,"list",0]', frame: [17, 2, 'list', 0] },
    {
      meaning: 'Part of a trace',
      text: '[17,3,"list",{"trace":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}]',
      frame: [17, 3, 'list', { trace: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } }],
    },
    {
      meaning: 'With a time limit, and a payload that is not plain JSON',
      text: '[17,3,"since",{"timeoutMs":5000},{"at":"1970-01-01T00:00:00.000Z"},{"at":["Date"]}]',
      frame: [17, 3, 'since', { timeoutMs: 5_000 }, { at: '1970-01-01T00:00:00.000Z' }, { at: ['Date'] }],
    },
    {
      meaning: 'Offered again: in a session that was lost it had the id 2',
      text: '[17,5,"list",{"again":2}]',
      frame: [17, 5, 'list', { again: 2 }],
    },
    {
      meaning: 'Of a reserved name',
      text: '[17,4,"$join",0,{"kind":"chat","params":{"roomId":"42"}}]',
      frame: [17, 4, '$join', 0, { kind: 'chat', params: { roomId: '42' } }],
    },
    {
      meaning: 'The same, in another session: the last event that was had of the room was its third',
      text: '[17,1,"$join",0,{"kind":"chat","params":{"roomId":"42"},"since":{"epoch":"q7Zk","offset":3}}]',
      frame: [17, 1, '$join', 0, { kind: 'chat', params: { roomId: '42' }, since: { epoch: 'q7Zk', offset: 3 } }],
    },
  ],
  result: [
    { meaning: 'Without data', text: '[18,1]', frame: [18, 1] },
    { meaning: 'With data', text: '[18,1,{"id":"m1"}]', frame: [18, 1, { id: 'm1' }] },
    { meaning: 'With data that is null', text: '[18,1,null]', frame: [18, 1, null] },
    { meaning: 'With data that is not plain JSON', text: '[18,1,"5",["bigint"]]', frame: [18, 1, '5', ['bigint']] },
  ],
  error: [
    {
      meaning: "One of Typewire's own",
      text: '[19,1,"NOT_FOUND","procedure x: the server\'s contract has no such name.",0]',
      frame: [19, 1, 'NOT_FOUND', "procedure x: the server's contract has no such name.", 0],
    },
    {
      meaning: 'With what is wrong, and where',
      text: '[19,2,"INVALID_INPUT","text: Too short",{"issues":[{"message":"Too short","path":["text"]}]}]',
      frame: [19, 2, 'INVALID_INPUT', 'text: Too short', { issues: [{ message: 'Too short', path: ['text'] }] }],
    },
    {
      meaning: 'With an incident',
      text: '[19,3,"INTERNAL","procedure send failed. Incident i1.",{"incident":"i1"}]',
      frame: [19, 3, 'INTERNAL', 'procedure send failed. Incident i1.', { incident: 'i1' }],
    },
    {
      meaning: "A procedure's own, with its data",
      text: '[19,4,"MUTED","send answered MUTED.",0,{"untilMs":60000}]',
      frame: [19, 4, 'MUTED', 'send answered MUTED.', 0, { untilMs: 60_000 }],
    },
  ],
  item: [
    {
      meaning: 'The next item of what call 3 answers with',
      text: '[20,3,0,{"id":"m1"}]',
      frame: [20, 3, 0, { id: 'm1' }],
    },
    {
      meaning: 'One by whose key the stream may go on in another session',
      text: '[20,3,{"key":"m1"},{"id":"m1"}]',
      frame: [20, 3, { key: 'm1' }, { id: 'm1' }],
    },
  ],
  end: [{ meaning: 'All items of call 3 were sent', text: '[21,3]', frame: [21, 3] }],
  credit: [
    {
      meaning: 'Of call 3, items up to 32 may be sent, the first 16 were read, those behind may be 1,048,576 long',
      text: '[22,3,32,16,1048576]',
      frame: [22, 3, 32, 16, 1_048_576],
    },
    {
      meaning: 'Nobody reads more of what is uploaded by call 3',
      text: '[22,3,0,0,0]',
      frame: [22, 3, 0, 0, 0],
    },
  ],
  cancel: [{ meaning: 'The answer to request 3 is not waited for', text: '[23,3]', frame: [23, 3] }],
  event: [
    {
      meaning: 'Nobody waits for an ack',
      text: '[24,0,"seen",0,{"id":"m1"}]',
      frame: [24, 0, 'seen', 0, { id: 'm1' }],
    },
    {
      meaning: 'Asks for a receipt, without data',
      text: '[24,5,"notice",{"receipt":true},{"text":"hi"}]',
      frame: [24, 5, 'notice', { receipt: true }, { text: 'hi' }],
    },
    { meaning: 'Asks for an ack, with data', text: '[24,6,"ask",0]', frame: [24, 6, 'ask', 0] },
  ],
  roomEvent: [
    {
      meaning: 'Into room 17, or from it',
      text: '[25,0,17,"message",0,{"id":"m1"}]',
      frame: [25, 0, 17, 'message', 0, { id: 'm1' }],
    },
    {
      meaning: 'Asks for an ack',
      text: '[25,7,17,"typing",{"timeoutMs":1000}]',
      frame: [25, 7, 17, 'typing', { timeoutMs: 1_000 }],
    },
    {
      meaning: 'From a room with a history, of which it is the third event',
      text: '[25,0,17,"message",{"offset":3},{"id":"m1"}]',
      frame: [25, 0, 17, 'message', { offset: 3 }, { id: 'm1' }],
    },
  ],
  position: [
    {
      meaning: 'The fourth event of room 17 is not for this member',
      text: '[26,17,"q7Zk",4,0]',
      frame: [26, 17, 'q7Zk', 4, 0],
    },
    {
      meaning: 'Some of what was before the ninth event of room 17 is missed for good',
      text: '[26,17,"q7Zk",8,{"missed":true}]',
      frame: [26, 17, 'q7Zk', 8, { missed: true }],
    },
  ],
  presence: [
    {
      meaning: 'Who is in room 17: two sessions of Ada, and one of nobody in particular',
      text: '[27,17,{"entries":[["s1","ada",{"name":"Ada"}],["s3","ada",{"name":"Ada"}],["s2",null,{"name":"Guest"}]]}]',
      frame: [
        27,
        17,
        {
          entries: [
            ['s1', 'ada', { name: 'Ada' }],
            ['s3', 'ada', { name: 'Ada' }],
            ['s2', null, { name: 'Guest' }],
          ],
        },
      ],
    },
    {
      meaning: 'What has changed, in order: one that has come or says something else, and one that is gone',
      text: '[27,17,{"changes":[["s4","bob",{"name":"Bob"}],"s3"]}]',
      frame: [27, 17, { changes: [['s4', 'bob', { name: 'Bob' }], 's3'] }],
    },
    { meaning: 'The count alone', text: '[27,17,{"count":12345}]', frame: [27, 17, { count: 12_345 }] },
  ],
  left: [{ meaning: 'Not a member of room 17 any more', text: '[28,17,"kicked"]', frame: [28, 17, 'kicked'] }],
  joined: [
    {
      meaning: 'A member of room 17 now, which is this one',
      text: '[29,17,"chat",{"roomId":"42"}]',
      frame: [29, 17, 'chat', { roomId: '42' }],
    },
    {
      meaning: 'Of a room with params that are not plain JSON',
      text: '[29,18,"day",{"at":"1970-01-01T00:00:00.000Z"},{"at":["Date"]}]',
      frame: [29, 18, 'day', { at: '1970-01-01T00:00:00.000Z' }, { at: ['Date'] }],
    },
  ],
  closed: [
    {
      meaning: 'The namespace admin is closed',
      text: '[30,"admin","dismissed",{"received":4}]',
      frame: [30, 'admin', 'dismissed', { received: 4 }],
    },
    {
      meaning: 'Its credentials have expired: others open it again',
      text: '[30,"admin","the credentials have expired",{"received":7,"reopen":true}]',
      frame: [30, 'admin', 'the credentials have expired', { received: 7, reopen: true }],
    },
  ],
}

/** A value, and the payload and annotations that end a frame. */
export interface GoldenPayload {
  readonly meaning: string
  /** As `encodePayload` writes it: nothing for `undefined`, else it begins with a comma. */
  readonly text: string
  readonly parts?: readonly Part[]
  readonly value: unknown
  /** Where a server alone may send it. */
  readonly from?: 'server'
}

/** Payloads by example: JSON as it is, and one of each rich type. */
export const goldenPayloads: readonly GoldenPayload[] = [
  { meaning: 'Nothing', text: '', value: undefined },
  { meaning: 'JSON', text: ',{"a":[1,true,null,"x"]}', value: { a: [1, true, null, 'x'] } },
  { meaning: 'undefined, as a member', text: ',{"a":null},{"a":["undefined"]}', value: { a: undefined } },
  { meaning: 'A date', text: ',"1970-01-01T00:00:00.005Z",["Date"]', value: new Date(5) },
  { meaning: 'An integer of any size', text: ',"18446744073709551616",["bigint"]', value: 2n ** 64n },
  {
    meaning: 'Numbers that JSON lacks',
    text: ',["NaN","-Infinity","-0"],["each",["number"]]',
    value: [Number.NaN, Number.NEGATIVE_INFINITY, -0],
  },
  { meaning: 'A set', text: ',[1,2],["set"]', value: new Set([1, 2]) },
  {
    meaning: 'A map, with a rich value in it: children before their container',
    text: ',[["k","5"]],["map",{"0.1":["bigint"]}]',
    value: new Map([['k', 5n]]),
  },
  {
    meaning: 'Rich values in the same places of all items',
    text: ',{"rows":[{"n":"1","at":"1970-01-01T00:00:00.005Z"},{"n":"2","at":"1970-01-01T00:00:00.006Z"}]},{"rows":["each",{"n":["bigint"],"at":["Date"]}]}',
    value: {
      rows: [
        { n: 1n, at: new Date(5) },
        { n: 2n, at: new Date(6) },
      ],
    },
  },
  {
    meaning: 'Items that differ, and lists in them that do not',
    text: ',[["1","2"],["3"],4],{"0":["each",["bigint"]],"1.0":["bigint"]}',
    value: [[1n, 2n], [3n], 4],
  },
  { meaning: 'A set of rich values', text: ',["1","2"],["set",["each",["bigint"]]]', value: new Set([1n, 2n]) },
  { meaning: 'A URL', text: ',"https://example.com/",["URL"]', value: new URL('https://example.com/') },
  {
    meaning: 'An error',
    text: ',{"name":"RangeError","message":"too far"},["Error"]',
    value: Object.assign(new Error('too far'), { name: 'RangeError' }),
  },
  {
    meaning: 'A regular expression, of a server',
    text: ',"/^\\\\d+\\\\/$/i",["regexp"]',
    value: /^\d+\/$/i,
    from: 'server',
  },
  {
    meaning: 'Keys with dots and backslashes, escaped in paths',
    text: ',{"a.b":{"c\\\\d":"5"}},{"a\\\\.b.c\\\\\\\\d":["bigint"]}',
    value: { 'a.b': { 'c\\d': 5n } },
  },
  { meaning: 'Bytes', text: ',0,["bytes"]', parts: [Uint8Array.of(1, 255)], value: Uint8Array.of(1, 255) },
  {
    meaning: 'Bytes of two kinds, among other things',
    text: ',{"name":"a","files":[0,1]},{"files.0":["bytes"],"files.1":["buffer"]}',
    parts: [Uint8Array.of(), Uint8Array.of(7)],
    value: { name: 'a', files: [Uint8Array.of(), Uint8Array.of(7).buffer] },
  },
  {
    meaning: 'Numbers as bytes, the lowest byte of each first',
    text: ',[0,1,2],{"0":["Int16Array"],"1":["Float32Array"],"2":["BigUint64Array"]}',
    parts: [Uint8Array.of(1, 0, 254, 255), Uint8Array.of(0, 0, 192, 63), Uint8Array.of(8, 7, 6, 5, 4, 3, 2, 1)],
    value: [Int16Array.of(1, -2), Float32Array.of(1.5), BigUint64Array.of(0x01_02_03_04_05_06_07_08n)],
  },
  {
    meaning: 'A blob, and a file',
    text: ',{"icon":[0,"image/png"],"notes":[1,"","a.txt",5]},{"icon":["Blob"],"notes":["File"]}',
    parts: [Uint8Array.of(137, 80), Uint8Array.of(104, 105)],
    value: {
      icon: new Blob([Uint8Array.of(137, 80)], { type: 'image/png' }),
      notes: new File(['hi'], 'a.txt', { lastModified: 5 }),
    },
  },
]

const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

/** A container, in the pieces that it is made of (WR-8). */
export const goldenContainer = {
  batch: '[[18,1,[0,1],["each",["bytes"]]]]',
  parts: [Uint8Array.of(1, 255), Uint8Array.of(7)],
  pieces: [
    { meaning: 'The length of the text, 33', bytes: Uint8Array.of(0, 0, 0, 33) },
    { meaning: 'The number of parts, 2', bytes: Uint8Array.of(0, 0, 0, 2) },
    { meaning: 'The text', bytes: ascii('[[18,1,[0,1],["each",["bytes"]]]]') },
    { meaning: 'The length of part 0, 2', bytes: Uint8Array.of(0, 0, 0, 2) },
    { meaning: 'The length of part 1, 1', bytes: Uint8Array.of(0, 0, 0, 1) },
    { meaning: 'Part 0', bytes: Uint8Array.of(1, 255) },
    { meaning: 'Part 1', bytes: Uint8Array.of(7) },
  ],
} as const

/** A value with a picture of each blob in its place: to `expect`, all blobs are equal. */
export async function withBlobsRead(value: unknown): Promise<unknown> {
  if (value instanceof Blob) {
    const { type, name, lastModified } = value as Blob & Partial<File>
    return { kind: value.constructor.name, type, name, lastModified, bytes: new Uint8Array(await value.arrayBuffer()) }
  }
  if (Array.isArray(value)) return Promise.all(Array.from(value, withBlobsRead))
  if (value instanceof Set) return new Set(await Promise.all(Array.from(value, withBlobsRead)))
  if (value instanceof Map) return new Map((await withBlobsRead([...value])) as [unknown, unknown][])
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  const members = Object.entries(value).map(async ([key, member]) => [key, await withBlobsRead(member)] as const)
  return Object.fromEntries(await Promise.all(members))
}
