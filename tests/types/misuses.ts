// Mistakes that the types must catch, in the words of whoever makes them. What the compiler says is in messages.txt.

/** What a misuse may use without importing it. */
export const prelude = `
import { createClient } from '@typewire/client'
import { defineContract, event, isErrorOf, procedure, room, stream } from '@typewire/core'
import { createServer, type HandlersOf } from '@typewire/server'
import { z } from 'zod'
import { client } from 'app/client.ts'
import { chat, type Chat } from 'app/contract.ts'
import { store, verify } from 'app/domain.ts'
import { server } from 'app/server.ts'
`

const handlers = `server.implement({
  procedures: {
    send: ({ input, ctx }) => store.add(ctx.user, input),
    ping: () => {},
    importAll: () => 0,
  },
  streams: {
    exportAll: ({ input, signal }) => store.all(input.roomId, { signal }),
    ticks: async function* () {},
    talk: async function* () {},
  },
  events: {
    seen: () => {},
    saved: ({ payload }) => payload,
    bye: () => {},
  },
  rooms: {
    chat: { authorize: () => true },
  },
})`

/** All the handlers of the contract, right but for one line. */
function implement(right: string, wrong: string): string {
  if (!handlers.includes(right)) throw new Error(`No line of the handlers reads ${right}`)
  return handlers.replace(right, wrong)
}

const send = 'send: ({ input, ctx }) => store.add(ctx.user, input),'
const importAll = 'importAll: () => 0,'
const exportAll = 'exportAll: ({ input, signal }) => store.all(input.roomId, { signal }),'
const ticks = 'ticks: async function* () {},'
const saved = 'saved: ({ payload }) => payload,'
const chatRoom = 'chat: { authorize: () => true },'

const ofCallers = {
  'call: a wrong type of property': "await client.call.send({ roomId: 42, text: 'x' })",
  'call: a property is missing': "await client.call.send({ roomId: '42' })",
  'call: a property too many': "await client.call.send({ roomId: '42', text: 'x', txt: 'x' })",
  'call: a misspelt name': "await client.call.sned({ roomId: '42', text: '' })",
  'call: await is forgotten': "client.call.send({ roomId: '42', text: '' }).author",
  'call: no input': 'await client.call.send()',
  'call: options in place of the input': 'await client.call.ping({ timeoutMs: 5 })',
  'call: an unknown option': "await client.call.send({ roomId: '42', text: '' }, { timeout: 5 })",
  'call: an upload without its items': "await client.call.importAll({ roomId: '' })",
  'call: .mutate, as in tRPC': "client.call.send.mutate({ roomId: '', text: '' })",
  'call: a stream': "for await (const m of client.call.exportAll({ roomId: '' })) m",
  'call: for await': "for await (const m of client.call.send({ roomId: '', text: '' })) m",
  'try: data without a look at ok':
    "const result = await client.try.send({ roomId: '', text: '' })\nresult.data.author",
  'try: an error code that is not declared':
    "const result = await client.try.send({ roomId: '', text: '' })\nif (!result.ok && result.error.code === 'MUTD') throw result.error",
  'isErrorOf: an error code that is not declared':
    "declare const error: unknown\nif (isErrorOf(client.call.ping, error) && error.code === 'MUTED') throw error",
  'isErrorOf: the data of another code':
    "declare const error: unknown\nif (isErrorOf(client.call.send, error) && error.code === 'TIMED_OUT') error.data.untilMs",
  'stream: await, then used as a list':
    "const all = await client.stream.exportAll({ roomId: '' })\nall.map((m) => m.text)",
  'stream: a procedure': "client.stream.send({ roomId: '', text: '' })",
  'emit: a wrong payload': 'client.emit.seen({ id: 1 })',
  'emit: an event of the other direction': "client.emit.notice({ text: '' })",
  'emit: by string, as in Socket.IO': "client.emit('seen', { id: '' })",
  'emit: a payload where none is declared': 'client.emit.bye({ soon: true })',
  'emitWithAck: the ack is used as what it is not': 'const { id } = await client.emitWithAck.saved({ version: 1 })',
  'emitWithAck: a receipt has no data': "(await client.emitWithAck.seen({ id: '' })).seen",
  'on: no ack is returned': 'client.on.notice((notice) => { console.log(notice.text) })',
  'on: a wrong ack': 'client.on.notice((notice) => ({ saw: true }))',
  'on: by string, as in Socket.IO': "client.on('notice', (notice) => {})",
  'on: a misspelt name': 'client.on.notise(() => {})',
  'join: no params': 'client.join.chat()',
  'join: wrong params': "client.join.chat({ room: '42' })",
  'join: a misspelt name': "client.join.chatt({ roomId: '' })",
  'room: a misspelt event': "client.join.chat({ roomId: '' }).on.mesage(() => {})",
  'room: an event of the other direction': "client.join.chat({ roomId: '' }).emit.message({})",
  'room: status read as a string': "if (client.join.chat({ roomId: '' }).status === 'joined') {}",
  'createClient: no type argument':
    "const untyped = createClient({ url: '' })\nawait untyped.call.send({ roomId: '', text: '' })",
  'createClient: the value in place of the type': "createClient<chat>({ url: '' })",
  'createClient: wrong auth': "createClient<Chat>({ url: '', auth: { tok: 'x' } })",
  'createClient: auth is forgotten': "createClient<Chat>({ url: '' })",
  'createClient: an unknown option': "createClient<Chat>({ url: '', auth: { token: '' }, retries: 3 })",
}

/** A contract of which one namespace asks for \`auth\`, and one does not. */
const site = `const admin = defineContract({ auth: z.string(), procedures: { ban: procedure({ input: z.string() }) } })
const hall = defineContract({ rooms: { desk: room({}) } })
const site = defineContract({ auth: z.string(), namespaces: { admin, hall } })
const authenticate = () => ({ identity: null })
`

const ofNamespaces = {
  'namespace: none is authenticated, and one asks for auth': `${site}createServer(site, { authenticate })`,
  'namespace: the one that asks for auth is not authenticated': `${site}createServer(site, { authenticate, namespaces: { hall: { authenticate } } })`,
  'namespace: a path that the contract does not have': `${site}createServer(site, { authenticate, namespaces: { admin: { authenticate }, hal: { authenticate } } })`,
  'namespace: a misspelt property of auth': `${site}createServer(site, { authenticate, namespaces: { admin: { authenticate: ({ auth }) => ({ identity: auth.cod }) } } })`,
  'namespace: its handlers are missing': `${site}createServer(site, { authenticate, namespaces: { admin: { authenticate } } }).implement({ namespaces: { hall: {} } })`,
}

const ofTheServer = {
  'room: a key of an event that is volatile':
    "server.rooms.chat({ roomId: '' }).volatile.emit.typing({ author: '' }, { key: 'k' })",
  'authenticate: no identity':
    'createServer(chat, { authenticate: async ({ auth }) => ({ user: await verify(auth.token) }) })',
  'authenticate: identity is no string': 'createServer(chat, { authenticate: () => ({ identity: 42 }) })',
  'authenticate: returns nothing': 'createServer(chat, { authenticate: async () => {} })',
  'authenticate: a misspelt property of auth':
    'createServer(chat, { authenticate: ({ auth }) => ({ identity: auth.tokn }) })',
  'createServer: an unknown option': 'createServer(chat, { authenticate: () => ({ identity: null }), port: 3000 })',
  'handlers: one is missing': implement('    ping: () => {},\n', ''),
  'handlers: a section is missing': implement(
    handlers.slice(handlers.indexOf('  streams'), handlers.indexOf('  events')),
    '',
  ),
  'handlers: an unknown name': implement('ping: () => {},', 'ping: () => {},\n    pong: () => {},'),
  'handlers: a misspelt section': implement('  rooms: {', '  room: {'),
  'handler: returns the wrong thing': implement(send, 'send: async ({ input }) => ({ id: 1, text: input.text }),'),
  'handler: returns the wrong thing, not async': implement(importAll, "importAll: () => 'x',"),
  'handler: returns nothing': implement(importAll, 'importAll: async () => {},'),
  'handler: takes the input directly': implement(send, 'send: (input) => Promise.reject(input.text),'),
  'handler: a misspelt property of the input': implement(
    send,
    'send: ({ input, ctx }) => store.add(ctx.user, { text: input.txt, at: input.at }),',
  ),
  'handler: a misspelt property of ctx': implement(send, 'send: ({ input, ctx }) => store.add(ctx.usr, input),'),
  'handler: an error code that is not declared': implement(
    send,
    'send: ({ errors }) => { throw errors.MUTD({ untilMs: 1 }) },',
  ),
  'handler: wrong data of an error': implement(send, 'send: ({ errors }) => { throw errors.MUTED({ until: 1 }) },'),
  'handler: no data of an error': implement(send, 'send: ({ errors }) => { throw errors.MUTED() },'),
  'handler: emits a wrong payload to a room': implement(
    send,
    "send: ({ input, ctx, server }) => { server.rooms.chat({ roomId: '' }).emit.message({ text: '' }); return store.add(ctx.user, input) },",
  ),
  'handler: a misspelt room': implement(
    send,
    "send: ({ input, ctx, server }) => { server.rooms.chatt({ roomId: '' }); return store.add(ctx.user, input) },",
  ),
  'handler: emits an event of the other direction': implement(
    send,
    "send: ({ input, ctx, session }) => { session.emit.seen({ id: '' }); return store.add(ctx.user, input) },",
  ),
  'stream handler: no generator': implement(exportAll, 'exportAll: async () => [],'),
  'stream handler: yields the wrong thing': implement(ticks, "ticks: async function* () { yield 'x' },"),
  'event handler: a wrong ack': implement(saved, 'saved: () => ({ v: 1 }),'),
  'event handler: no ack is returned': implement(saved, 'saved: () => {},'),
  'room handler: authorize returns the wrong thing': implement(chatRoom, "chat: { authorize: () => 'yes' },"),
  'room handler: a misspelt event': implement(chatRoom, 'chat: { events: { typin: () => {} } },'),
  'room handler: a misspelt room': implement(chatRoom, 'chatt: { authorize: () => true },'),
  'session.join: params in place of the room': "for (const session of server.sessions) session.join({ roomId: '42' })",
  'room.and: a room of another kind': "server.rooms.chat({ roomId: '42' }).and(server.rooms.lobby())",
  'middleware: what next gives is not returned': 'server.middleware(async ({ next }) => { await next() })',
  'middleware: a result is returned as it is': 'server.middleware(async ({ next }) => (await next()).value)',
  'middleware: ctx.x is not added by it':
    'server.middleware(({ next }) => next({ admin: true })).procedures({ ping: ({ ctx }) => void ctx.admn })',
  'middleware: a misspelt procedure': 'server.middleware(({ next }) => next()).procedures({ pong: () => {} })',
  'middleware: a handler returns the wrong thing':
    "server.middleware(({ next }) => next()).procedures({ importAll: () => 'x' })",
  'split handlers: a misspelt name': "({ sned: () => {} }) satisfies Partial<HandlersOf<typeof server>['procedures']>",
}

const ofContracts = {
  'procedure: a shape in place of a schema': 'procedure({ input: { roomId: z.string() }, output: z.number() })',
  'procedure: a class in place of a schema': 'procedure({ input: String, output: z.number() })',
  'procedure: an error without a schema': "procedure({ errors: { MUTED: 'you are muted' } })",
  'procedure: an unknown option': 'procedure({ inputs: z.string() })',
  'contract: an event among the procedures': 'defineContract({ procedures: { x: event(z.string()) } })',
  'contract: a stream among the procedures': 'defineContract({ procedures: { x: stream({ items: z.string() }) } })',
  'contract: a schema in place of an event':
    'defineContract({ events: { toClient: { notice: z.object({ text: z.string() }) } } })',
  'contract: events without a direction': 'defineContract({ events: { notice: event() } })',
  'contract: room events without a direction': 'room({ events: { message: event() } })',
}

/** Wrong code, by what is wrong with it. */
export const misuses: Readonly<Record<string, string>> = {
  ...ofCallers,
  ...ofTheServer,
  ...ofNamespaces,
  ...ofContracts,
}
