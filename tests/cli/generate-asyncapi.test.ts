import { Parser } from '@asyncapi/parser'
import { describe, expect, test } from 'vitest'
import { contracts, expectGolden, generateDocument, runInRoot } from './generate-document.ts'

describe('generate asyncapi', { timeout: 60_000 }, () => {
  test.for(['chat', 'ticker'] as const)('makes of %s a valid document, as it was', async (name) => {
    const { text } = await generateDocument('asyncapi', contracts[name], ['--server', 'wss://example.com'])
    expect(await complaintsAbout(text)).toEqual([])
    expectGolden(text, `asyncapi/${name}.json`)
  })

  test('says all that a contract can say, validly, and twice in the same bytes', async () => {
    const { text } = await generateDocument('asyncapi', contracts.documented)
    expect(await complaintsAbout(text)).toEqual([])
    expect((await generateDocument('asyncapi', contracts.documented)).text).toBe(text)
  })

  test('describes a call as an operation of the server with all its replies', async () => {
    const { operations, channels } = await documentOf('documented')
    expect(operations['procedures.send']).toMatchObject({
      action: 'receive',
      messages: [{ $ref: '#/channels/procedures.send/messages/call' }],
      reply: {
        messages: [
          { $ref: '#/channels/procedures.send/messages/result' },
          { $ref: '#/channels/procedures.send/messages/error.GONE' },
          { $ref: '#/channels/procedures.send/messages/error.TOO_FAST' },
          { $ref: '#/channels/procedures.send/messages/failed' },
        ],
      },
      'x-typewire-idempotent': true,
      'x-typewire-timeout-ms': 5_000,
    })
    expect(channels['procedures.send']?.address).toBe('send')
    expect(channels['procedures.send']?.messages['error.TOO_FAST']).toMatchObject({
      payload: { properties: { retryAfterMs: { type: 'integer' } } },
      headers: { properties: { code: { const: 'TOO_FAST' } } },
    })
    expect(channels['procedures.say']?.messages['call']).toMatchObject({
      deprecated: true,
      description: '**Deprecated.** call.send',
    })
  })

  test('describes streams, uploads, events both ways, rooms and namespaces', async () => {
    const { operations, channels } = await documentOf('documented')
    const actions = Object.entries(operations).map(([name, { action }]) => `${action} ${name}`)
    expect(actions.sort()).toMatchInlineSnapshot(`
      [
        "receive connect",
        "receive events.toServer.save",
        "receive events.toServer.seen",
        "receive namespaces.admin.namespaces.audit.open",
        "receive namespaces.admin.namespaces.audit.streams.log",
        "receive namespaces.admin.open",
        "receive namespaces.admin.procedures.ban",
        "receive namespaces.admin.rooms.desk.history",
        "receive namespaces.admin.rooms.desk.join",
        "receive namespaces.admin.rooms.desk.leave",
        "receive procedures.load",
        "receive procedures.loadInto",
        "receive procedures.maybe",
        "receive procedures.older",
        "receive procedures.say",
        "receive procedures.send",
        "receive procedures.shapes",
        "receive rooms.chat.events.toServer.typing",
        "receive rooms.chat.events.toServer.vote",
        "receive rooms.chat.history",
        "receive rooms.chat.join",
        "receive rooms.chat.leave",
        "receive rooms.chat.presence.given",
        "receive rooms.lobby.history",
        "receive rooms.lobby.join",
        "receive rooms.lobby.leave",
        "receive streams.echo",
        "receive streams.rows",
        "send events.toClient.ask",
        "send events.toClient.bare",
        "send events.toClient.cursor",
        "send events.toClient.price",
        "send namespaces.admin.closed",
        "send namespaces.admin.events.toClient.report",
        "send namespaces.admin.namespaces.audit.closed",
        "send namespaces.admin.rooms.desk.events.toClient.message",
        "send namespaces.admin.rooms.desk.left",
        "send rooms.chat.events.toClient.message",
        "send rooms.chat.events.toClient.poll",
        "send rooms.chat.left",
        "send rooms.chat.presence.seen",
        "send rooms.lobby.left",
      ]
    `)
    expect(channels['namespaces.admin.rooms.desk']?.address).toBe('admin/desk')
    expect(channels['rooms.chat']?.messages['join']).toMatchObject({
      payload: { properties: { kind: { const: 'chat' }, params: { properties: { roomId: { type: 'string' } } } } },
    })
    expect(operations['streams.rows']).toMatchObject({ 'x-typewire-kind': 'stream', 'x-typewire-keyed': true })
    expect(operations['events.toClient.cursor']).toMatchObject({ 'x-typewire-delivery': 'volatile' })
  })

  test('says 2020-12 in words of draft 07', async () => {
    const { channels, components } = await documentOf('documented')
    const { properties } = channels['procedures.shapes']!.messages['call']!.payload as {
      properties: Record<string, unknown>
    }
    expect(properties['rest']).toMatchObject({ items: [{ type: 'string' }], additionalItems: { type: 'number' } })
    expect(properties['odd']).toEqual({ $ref: '#/components/schemas/AnOddNameOfAType' })
    expect(Object.keys(components.schemas)).toContain('AnOddNameOfAType')
  })

  test('takes a title, a version and a server', async () => {
    const options = ['--title', 'The chat', '--api-version', '2.1.0', '--server', 'http://localhost:3000/live/']
    const { text } = await generateDocument('asyncapi', contracts.chat, options)
    expect(JSON.parse(text)).toMatchObject({
      info: { title: 'The chat', version: '2.1.0' },
      servers: { main: { host: 'localhost:3000', pathname: '/live', protocol: 'ws' } },
    })
  })

  test('refuses a server that is none', async () => {
    const args = ['generate', 'asyncapi', contracts.chat, '--check', '--server', 'ftp://example.com']
    expect(await runInRoot(args)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('--server ftp://example.com is no address of a server. Give one that begins'),
    })
  })
})

interface Document {
  readonly operations: Readonly<Record<string, { readonly action: string }>>
  readonly channels: Readonly<Record<string, { address: string; messages: Record<string, { payload?: unknown }> }>>
  readonly components: { readonly schemas: object }
}

async function documentOf(name: keyof typeof contracts): Promise<Document> {
  return JSON.parse((await generateDocument('asyncapi', contracts[name])).text) as Document
}

/** Errors, warnings and hints alike. */
async function complaintsAbout(text: string): Promise<readonly string[]> {
  const { diagnostics } = await new Parser().parse(text)
  return diagnostics.map(({ path, message }) => `${path.join('/')}: ${message}`)
}
