import { describe, expect, test } from 'vitest'
import { Editor } from './editor.ts'

// What names are for: one click from a use to the contract, and one rename for both sides.

const editor = new Editor()

test('the fixture application has no errors', () => {
  expect(editor.errors()).toEqual([])
})

describe('go to definition has one answer, in the contract', () => {
  test.each([
    ['client.ts', 'client.call.send', 'send: procedure({'],
    ['client.ts', 'client.try.send', 'send: procedure({'],
    ['client.ts', 'isErrorOf(client.call.send', 'send: procedure({'],
    ['client.ts', 'client.stream.exportAll', 'exportAll: stream({'],
    ['client.ts', 'client.emit.seen', 'seen: event('],
    ['client.ts', 'client.emitWithAck.saved', 'saved: event('],
    ['client.ts', 'client.on.notice', 'notice: event('],
    ['client.ts', 'client.join.chat', 'chat: room({'],
    ['client.ts', 'chatRoom.on.message', 'toClient: { message: event('],
    ['client.ts', 'chatRoom.emit.typing', 'toServer: { typing: event('],
    ['client.ts', 'message.sentAt', 'export const Message = z.object({'],
    ['client.ts', 'error.data.untilMs', 'errors: { MUTED: z.object({ untilMs:'],
    ['client.ts', '({ seen', 'notice: event('],
    ['messages.ts', '  send', 'send: procedure({'],
    ['messages.ts', "Procedures['ping", 'ping: procedure({'],
    ['messages.ts', 'errors.MUTED', 'errors: { MUTED: z.object('],
    ['messages.ts', 'input.roomId', 'roomId: z.string(),'],
    ['messages.ts', 'server.rooms.chat', 'chat: room({'],
    ['messages.ts', '.emit.message', 'toClient: { message: event('],
    ['server.ts', 'server.rooms.user', 'user: room({'],
    ['server.ts', 'emitWithAck.opened', 'lobby: room({ events: { toClient: { opened:'],
    ['server.ts', 'auth.token', 'auth: z.object({ token:'],
    ['server.ts', '    importAll', 'importAll: procedure({'],
    ['server.ts', '    exportAll', 'exportAll: stream({'],
    ['server.ts', '    seen', 'seen: event('],
    ['server.ts', '      bye', 'bye: event('],
    ['server.ts', '      lobby', 'lobby: room('],
    ['rooms.ts', '  chat', 'chat: room({'],
    ['rooms.ts', 'events: { typing', 'toServer: { typing: event('],
    ['rooms.ts', 'emit.typing', 'toClient: { message: event(Message), typing: event('],
  ])('%s: %s', (file, expression, line) => {
    const name = /\w+$/.exec(expression)?.[0]
    expect(editor.definitions(file, expression)).toEqual([
      { file: 'contract.ts', name, line: expect.stringContaining(line) },
    ])
  })
})

describe('rename', () => {
  test.each([
    ['contract.ts', '    send'],
    ['client.ts', 'client.call.send'],
    ['client.ts', 'client.try.send'],
    ['messages.ts', '  send'],
  ])('of a procedure, begun in %s at %s, reaches the contract and both sides', (file, expression) => {
    const renaming = new Editor()
    const places = renaming.rename(file, expression, 'post')
    expect(places.every(({ name }) => name === 'send')).toBe(true)
    expect(places.map((place) => `${place.file}: ${place.line}`).sort()).toEqual([
      "client.ts: await client.call.send({ roomId: '42', text: '' })",
      "client.ts: const message = await client.call.send({ roomId: '42', text: 'hi' }, { timeoutMs: 5_000 })",
      "client.ts: const result = await client.try.send({ roomId: '42', text: 'hi' })",
      "client.ts: if (isErrorOf(client.call.send, error) && error.code === 'MUTED') error.data.untilMs.toFixed()",
      'contract.ts: send: procedure({',
      'messages.ts: send: async ({ input, ctx, errors, server }) => {',
    ])
    expect(renaming.errors()).toEqual([])
  })

  test.each([
    ['a procedure whose handler is a shorthand', '    ping', ['client.ts', 'contract.ts', 'messages.ts', 'server.ts']],
    ['a procedure behind a middleware', '    importAll', ['client.ts', 'contract.ts', 'server.ts']],
    ['an event behind a middleware', '      bye', ['client.ts', 'contract.ts', 'server.ts']],
    ['a room behind a middleware', '    lobby', ['contract.ts', 'server.ts', 'server.ts']],
    ['a stream', '    exportAll', ['client.ts', 'contract.ts', 'server.ts']],
    ['an event to the server', 'seen', ['client.ts', 'client.ts', 'contract.ts', 'server.ts']],
    ['an event to clients', 'notice', ['client.ts', 'contract.ts']],
    ['a room', '    chat', ['client.ts', 'contract.ts', 'messages.ts', 'rooms.ts']],
    ['a room’s event to clients', 'toClient: { message', ['client.ts', 'contract.ts', 'messages.ts']],
    ['a room’s event to the server', 'toServer: { typing', ['client.ts', 'contract.ts', 'rooms.ts']],
    ['the payload of an error', 'untilMs', ['client.ts', 'client.ts', 'contract.ts', 'messages.ts']],
    ['a field of an output', 'sentAt', ['client.ts', 'contract.ts']],
  ])('of %s changes all its uses', (_, expression, files) => {
    const renaming = new Editor()
    const places = renaming.rename('contract.ts', expression, 'renamed')
    expect(places.map(({ file }) => file).sort()).toEqual(files)
    expect(renaming.errors()).toEqual([])
  })
})

describe('completions are the names of the contract and nothing else', () => {
  test.each([
    ['client.ts', 'client.call.', ['importAll', 'ping', 'send']],
    ['client.ts', 'client.try.', ['importAll', 'ping', 'send']],
    ['client.ts', 'client.stream.', ['exportAll', 'talk', 'ticks']],
    ['client.ts', 'client.emit.', ['bye', 'saved', 'seen']],
    ['client.ts', 'client.on.', ['count', 'notice']],
    ['client.ts', 'client.join.', ['chat', 'lobby', 'user']],
    ['client.ts', 'chatRoom.on.', ['message', 'typing']],
    ['client.ts', 'chatRoom.emit.', ['typing']],
    ['messages.ts', 'throw errors.', ['FULL', 'MUTED']],
    ['messages.ts', 'server.rooms.', ['chat', 'lobby', 'user']],
  ])('%s: %s', (file, expression, names) => {
    expect(editor.completions(file, expression)).toEqual(names)
  })
})

describe('hover', () => {
  test('of a verb shows what goes in and out, and what the contract says of it', () => {
    expect(editor.hover('client.ts', 'client.call.send')).toEqual({
      type:
        '(property) send: (input: { roomId: string; text: string; at?: Date | undefined; }, options?: CallOptions) => ' +
        'Promise<{ id: string; author: string; text: string; sentAt: Date; }>',
      documentation: 'Sends a message to a room that you are in.',
    })
    expect(editor.hover('client.ts', 'client.stream.exportAll')).toEqual({
      type:
        '(property) exportAll: (input: { roomId: string; }, options?: CallOptions) => ' +
        'Items<{ id: string; author: string; text: string; sentAt: Date; }>',
      documentation: 'Every message of a room, oldest first.',
    })
    expect(editor.hover('client.ts', 'client.emit.seen').type).toBe(
      '(property) seen: (payload: { id: string; }, options?: EmitOptions) => void',
    )
  })

  test('of a handler’s key shows its documentation, of its arguments their types', () => {
    expect(editor.hover('messages.ts', '  send').documentation).toBe('Sends a message to a room that you are in.')
    expect(editor.hover('messages.ts', '{ input').type).toBe(
      '(parameter) input: { roomId: string; text: string; at: Date; }',
    )
    expect(editor.hover('messages.ts', '{ input, ctx').type).toBe('(parameter) ctx: { identity: string; user: User; }')
    expect(editor.hover('messages.ts', 'errors, server').type).toBe('(parameter) server: Reach<Chat>')
  })

  test('of ctx behind a middleware shows what it adds', () => {
    expect(editor.hover('server.ts', 'bye: ({ session, ctx').type).toBe(
      '(parameter) ctx: { identity: string; user: User; } & { writer: string; }',
    )
    expect(editor.hover('server.ts', 'const writers').type).toBe(
      'const writers: Middleware<{ identity: string; user: User; }, { writer: string; }, Chat>',
    )
  })

  test('of clients, servers and rooms shows the contract’s name', () => {
    expect(editor.hover('client.ts', 'const chatRoom').type).toBe('const chatRoom: RoomHandle<"chat", Chat>')
    expect(editor.hover('messages.ts', 'server.rooms.chat').type).toBe(
      '(property) chat: (params: { roomId: string; }) => RoomRef<"chat", Chat>',
    )
    expect(editor.hover('client.ts', 'const client').type).toBe('const client: Client<Chat>')
    expect(editor.hover('server.ts', 'const server').type).toBe(
      'const server: Server<Chat, { identity: string; user: User; }, {}>',
    )
  })

  test('uses of what the contract calls deprecated are struck through', () => {
    expect(editor.deprecated('client.ts', 'client.call.ping')).toBe(true)
    expect(editor.deprecated('client.ts', 'client.call.send')).toBe(false)
  })
})
