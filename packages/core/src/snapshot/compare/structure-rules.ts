import type { Example, Rule } from './rule.ts'

const change = (before: string, after: string): Example => ({ before, after })
const procedures = (before: string, after: string) => change(`procedures: { ${before} }`, `procedures: { ${after} }`)
const streams = (before: string, after: string) => change(`streams: { ${before} }`, `streams: { ${after} }`)
const toServer = (before: string, after: string) =>
  change(`events: { toServer: { ${before} } }`, `events: { toServer: { ${after} } }`)
const toClient = (before: string, after: string) =>
  change(`events: { toClient: { ${before} } }`, `events: { toClient: { ${after} } }`)
const rooms = (before: string, after: string) => change(`rooms: { ${before} }`, `rooms: { ${after} }`)

const send = 'send: procedure({ input: z.string() })'
const list = 'list: procedure({ output: z.array(z.string()) })'
const ticks = 'ticks: stream({ items: z.number() })'
const keyedTicks = 'ticks: stream({ items: z.number(), key: (tick) => tick })'
const upload = 'send: procedure({ input: upload(z.string()) })'
const fail = 'send: procedure({ errors: { FULL: z.object({ max: z.number() }) } })'
const plain = 'send: procedure({})'
const idempotent = 'send: procedure({ idempotent: true })'
const within = (ms: string) => `send: procedure({ timeoutMs: ${ms} })`
const price = (options: string) => `price: event(z.string()${options && `, { ${options} }`})`
const hall = 'hall: room({})'
const present = 'hall: room({ presence: z.object({ name: z.string() }) })'

/** Of what a contract has, beside the schemas. */
export const structureRules = {
  'procedure-removed': {
    severity: 'breaking',
    meaning: 'Clients call a procedure that there is no longer.',
    remedy: 'Keep it, deprecated, until no client calls it.',
    breaks: procedures(`${send}, ${list}`, send),
    passes: procedures(send, `${send}, ${list}`),
  },
  'procedure-added': {
    severity: 'compatible',
    meaning: 'There is a new procedure.',
    remedy: 'Nothing to do.',
    breaks: procedures(send, `${send}, ${list}`),
    passes: procedures(send, send),
  },
  'procedure-became-stream': {
    severity: 'breaking',
    meaning: 'Clients call as a procedure what is a stream now.',
    remedy: 'Keep the procedure, and give the stream another name.',
    breaks: change(`procedures: { ${list} }`, 'streams: { list: stream({ items: z.string() }) }'),
    passes: change(
      `procedures: { ${list} }`,
      `procedures: { ${list} }, streams: { items: stream({ items: z.string() }) }`,
    ),
  },
  'stream-removed': {
    severity: 'breaking',
    meaning: 'Clients open a stream that there is no longer.',
    remedy: 'Keep it, deprecated, until no client opens it.',
    breaks: change(`procedures: { ${send} }, streams: { ${ticks} }`, `procedures: { ${send} }`),
    passes: change(`procedures: { ${send} }`, `procedures: { ${send} }, streams: { ${ticks} }`),
  },
  'stream-added': {
    severity: 'compatible',
    meaning: 'There is a new stream.',
    remedy: 'Nothing to do.',
    breaks: change(`procedures: { ${send} }`, `procedures: { ${send} }, streams: { ${ticks} }`),
    passes: streams(ticks, ticks),
  },
  'stream-became-procedure': {
    severity: 'breaking',
    meaning: 'Clients open as a stream what is a procedure now.',
    remedy: 'Keep the stream, and give the procedure another name.',
    breaks: change(`streams: { ${ticks} }`, 'procedures: { ticks: procedure({ output: z.number() }) }'),
    passes: change(
      `streams: { ${ticks} }`,
      `streams: { ${ticks} }, procedures: { tick: procedure({ output: z.number() }) }`,
    ),
  },
  'stream-no-longer-keyed': {
    severity: 'risky',
    meaning: 'A stream ends with its session, where it went on behind the last item that had come.',
    remedy: 'Keep the key; or see that clients open it again, and bear to miss items.',
    breaks: streams(keyedTicks, ticks),
    passes: streams(ticks, keyedTicks),
  },
  'stream-keyed': {
    severity: 'compatible',
    meaning: 'A stream goes on where it was when its session is lost.',
    remedy: 'Nothing to do.',
    breaks: streams(ticks, keyedTicks),
    passes: streams(keyedTicks, keyedTicks),
  },
  'input-became-upload': {
    severity: 'breaking',
    meaning: 'Clients send an input at once, where one item by item is awaited now.',
    remedy: 'Keep the procedure, and give the one with the upload another name.',
    breaks: procedures(send, upload),
    passes: procedures(send, `${send}, sendMany: procedure({ input: upload(z.string()) })`),
  },
  'upload-became-input': {
    severity: 'breaking',
    meaning: 'Clients send an input item by item, where one at once is awaited now.',
    remedy: 'Keep the procedure, and give the one without the upload another name.',
    breaks: procedures(upload, send),
    passes: procedures(upload, `${upload}, sendOne: procedure({ input: z.string() })`),
  },
  'error-added': {
    severity: 'risky',
    meaning: 'Clients get an error that they have no case for.',
    remedy: 'See that clients treat errors that they do not know as a failure; or use one that they know.',
    breaks: procedures(plain, fail),
    passes: procedures(fail, fail),
  },
  'error-removed': {
    severity: 'compatible',
    meaning: 'An error no longer comes. The case that clients have for it does no harm.',
    remedy: 'Nothing to do.',
    breaks: procedures(fail, plain),
    passes: procedures(fail, fail),
  },
  'idempotent-withdrawn': {
    severity: 'risky',
    meaning: 'Calls that were in flight when a session was lost reject, where they were repeated.',
    remedy: 'Keep `idempotent`; or see that clients ask what became of such a call before they repeat it.',
    breaks: procedures(idempotent, plain),
    passes: procedures(plain, idempotent),
  },
  'idempotent-declared': {
    severity: 'compatible',
    meaning: 'Calls that were in flight when a session was lost are repeated.',
    remedy: 'Nothing to do, if running it twice does what running it once does.',
    breaks: procedures(plain, idempotent),
    passes: procedures(idempotent, idempotent),
  },
  'timeout-shortened': {
    severity: 'risky',
    meaning:
      'Calls time out that did not: the time became shorter, or it is now the default of the server, or no longer is.',
    remedy: 'Measure how long calls take before you shorten their time.',
    breaks: procedures(within('10_000'), within('5_000')),
    passes: procedures(within('5_000'), within('10_000')),
  },
  'timeout-lengthened': {
    severity: 'compatible',
    meaning: 'Calls may take longer than before.',
    remedy: 'Nothing to do.',
    breaks: procedures(within('5_000'), within('10_000')),
    passes: procedures(within('5_000'), within('5_000')),
  },
  'event-to-server-removed': {
    severity: 'breaking',
    meaning: 'Clients emit an event that the server no longer takes.',
    remedy: 'Keep it, deprecated, until no client emits it.',
    breaks: toServer(`note: event(), ${price('')}`, 'note: event()'),
    passes: toServer('note: event()', `note: event(), ${price('')}`),
  },
  'event-to-server-added': {
    severity: 'compatible',
    meaning: 'The server takes a new event.',
    remedy: 'Nothing to do.',
    breaks: toServer('note: event()', `note: event(), ${price('')}`),
    passes: toServer('note: event()', 'note: event()'),
  },
  'event-to-client-removed': {
    severity: 'risky',
    meaning: 'Clients listen to an event that no longer comes. Nothing fails, but what it told is missing.',
    remedy: 'Emit it until no client listens to it.',
    breaks: toClient(`note: event(), ${price('')}`, 'note: event()'),
    passes: toClient('note: event()', `note: event(), ${price('')}`),
  },
  'event-to-client-added': {
    severity: 'compatible',
    meaning: 'A new event comes, which clients do not listen to.',
    remedy: 'Nothing to do.',
    breaks: toClient('note: event()', `note: event(), ${price('')}`),
    passes: toClient('note: event()', 'note: event()'),
  },
  'delivery-lost': {
    severity: 'breaking',
    meaning: 'An event was delivered to every client, and is now left out at one that lags behind.',
    remedy: 'Keep it reliable, and add another event for those to whom the newest is enough.',
    breaks: toClient(price(''), price("delivery: 'volatile'")),
    passes: toClient(price("delivery: 'volatile'"), price('')),
  },
  'delivery-changed': {
    severity: 'risky',
    meaning: 'Which events are left out at a client that lags behind has changed.',
    remedy: 'See that clients bear to miss those that are left out now.',
    breaks: toClient(price("delivery: 'volatile'"), price("delivery: 'latest'")),
    passes: toClient(price("delivery: 'latest'"), price('')),
  },
  'delivery-reliable': {
    severity: 'compatible',
    meaning: 'An event is delivered to every client that was left out at one that lagged behind.',
    remedy: 'Nothing to do. One that lags behind too far loses its session now.',
    breaks: toClient(price("delivery: 'volatile'"), price('')),
    passes: toClient(price(''), price('')),
  },
  'ack-withdrawn': {
    severity: 'compatible',
    meaning: 'Clients are no longer asked for data with the ack of an event. The server says so with each event.',
    remedy: 'Nothing to do.',
    breaks: toClient('ask: event(z.string(), { ack: z.boolean() })', 'ask: event(z.string())'),
    passes: toClient('ask: event(z.string())', 'ask: event(z.string())'),
  },
  'room-removed': {
    severity: 'breaking',
    meaning: 'Clients join a room that there is no longer.',
    remedy: 'Keep it, deprecated, until no client joins it.',
    breaks: rooms(`${hall}, office: room({})`, hall),
    passes: rooms(hall, `${hall}, office: room({})`),
  },
  'room-added': {
    severity: 'compatible',
    meaning: 'There is a new room.',
    remedy: 'Nothing to do.',
    breaks: rooms(hall, `${hall}, office: room({})`),
    passes: rooms(hall, hall),
  },
  'presence-added': {
    severity: 'breaking',
    meaning: 'Clients must say something of themselves when they join, which they do not.',
    remedy: 'Make it optional, or a new room.',
    breaks: rooms(hall, present),
    passes: rooms(hall, 'hall: room({ presence: z.object({ name: z.string() }).optional() })'),
  },
  'presence-offered': {
    severity: 'compatible',
    meaning: 'Clients may say something of themselves when they join, and need not.',
    remedy: 'Nothing to do.',
    breaks: rooms(hall, 'hall: room({ presence: z.object({ name: z.string() }).optional() })'),
    passes: rooms(present, present),
  },
  'presence-removed': {
    severity: 'breaking',
    meaning:
      'Clients say something of themselves when they join, and see who is there: neither is taken or told any more.',
    remedy: 'Keep it until no client uses it.',
    breaks: rooms(present, hall),
    passes: rooms(present, present),
  },
  'namespace-removed': {
    severity: 'breaking',
    meaning: 'Clients use a namespace that there is no longer.',
    remedy: 'Keep it until no client uses it.',
    breaks: change(
      `procedures: { ${plain} }, namespaces: { admin: defineContract({ procedures: { ban: procedure({}) } }) }`,
      `procedures: { ${plain} }`,
    ),
    passes: change(
      `procedures: { ${plain} }`,
      `procedures: { ${plain} }, namespaces: { admin: defineContract({ procedures: { ban: procedure({}) } }) }`,
    ),
  },
  'namespace-added': {
    severity: 'compatible',
    meaning: 'There is a new namespace.',
    remedy: 'Nothing to do.',
    breaks: change(
      `procedures: { ${plain} }`,
      `procedures: { ${plain} }, namespaces: { admin: defineContract({ procedures: { ban: procedure({}) } }) }`,
    ),
    passes: procedures(plain, plain),
  },
} as const satisfies Record<string, Rule>
