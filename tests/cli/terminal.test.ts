import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { exitCodes, run } from '@typewire/cli'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { begin, openTerminal, startLab, typewire } from './terminal-lab.ts'

const { done, found, usage, unreadable, unreachable, interrupted } = exitCodes
const message = { author: 'guest', text: 'hi', sentAt: '2026-11-29T08:30:00.000Z' }

describe.each(['websocket', 'http-stream', 'http-poll'])('over %s', (transport) => {
  const by = ['--transport', transport]

  test('call prints the result as one line of JSON', async () => {
    const { url } = await startLab()
    const { exitCode, out, err } = await typewire(['call', url, 'send', '{"text":"hi"}', ...by])
    expect({ exitCode, out, err }).toEqual({ exitCode: done, out: `${JSON.stringify(message)}\n`, err: '' })
  })

  test('stream prints an item in each line', async () => {
    const { url } = await startLab()
    const { exitCode, out } = await typewire(['stream', url, 'count', '{"to":3}', ...by])
    expect({ exitCode, out }).toEqual({ exitCode: done, out: '{"n":1}\n{"n":2}\n{"n":3}\n' })
  })

  test('emit ends when the server has the event', async () => {
    const { url, state } = await startLab()
    expect((await typewire(['emit', url, 'seen', '{"id":"m1"}', ...by])).exitCode).toBe(done)
    expect(state.seen).toEqual(['m1'])
  })

  test('listen prints all events, and those of rooms, also without a contract', async () => {
    const { url } = await startLab()
    const { exitCode, lines } = await typewire(['listen', url, '--count', '2', ...by], { hasContract: false })
    expect(exitCode).toBe(done)
    expect(lines()).toEqual([
      { event: 'notice', payload: { text: 'hello' } },
      { event: 'welcome', room: 'lobby', payload: { text: 'in the lobby' } },
    ])
  })

  test('join prints who is in the room and what happens in it', async () => {
    const { url } = await startLab()
    const args = ['--presence', '{"mood":"fine"}', '--emit', 'say="hi"', '--count', '1', ...by]
    const { exitCode, lines, err } = await typewire(['join', url, 'chat', '{"roomId":"42"}', ...args])
    expect(exitCode).toBe(done)
    const entries = [{ sessionId: expect.any(String) as string, data: { mood: 'fine' } }]
    expect(lines()).toContainEqual({ presence: { members: [{ id: 'guest', entries }], count: 1, isCountOnly: false } })
    expect(lines()).toContainEqual({ event: 'message', payload: message })
    expect(err).toBe('joined chat\n')
  })
})

describe('typewire call', () => {
  test('prints over several lines on a terminal, and in one with --compact', async () => {
    const { url } = await startLab()
    const args = ['call', url, 'send', '{"text":"hi"}']
    expect((await typewire(args, { isTty: true })).out).toBe(`${JSON.stringify(message, null, 2)}\n`)
    expect((await typewire([...args, '--compact'], { isTty: true })).out).toBe(`${JSON.stringify(message)}\n`)
    expect((await typewire([...args, '--pretty'])).out).toBe(`${JSON.stringify(message, null, 2)}\n`)
  })

  test('takes rich values by the contract, and prints them in the same form', async () => {
    const { url } = await startLab()
    const input = { at: '2026-01-01T00:00:00.000Z', id: '9007199254740993', tags: ['a', 'b'] }
    const { out } = await typewire(['call', url, 'later', JSON.stringify(input)])
    expect(JSON.parse(out)).toEqual({ ...input, back: [['k', '1']], bytes: 'AQID' })
  })

  test('sends JSON as it is without a contract, and prints rich values all the same', async () => {
    const { url } = await startLab()
    const later = ['call', url, 'later', '{"at":"2026-01-01"}', '--no-contract']
    expect(await typewire(later)).toMatchObject({
      exitCode: found,
      err: expect.stringContaining('INVALID_INPUT') as string,
    })
    expect((await typewire(['call', url, 'send', '{"text":"hi"}'], { hasContract: false })).lines()).toEqual([message])
  })

  test('reads input from a file and from the standard input', async () => {
    const { url } = await startLab()
    expect((await typewire(['call', url, 'send', '-'], { input: '{ "text":\n"hi" }' })).lines()).toEqual([message])
    const terminal = await openTerminal()
    writeFileSync(join(terminal.cwd, 'input.json'), '{"text":"hi"}')
    expect(await run(['call', url, 'send', '@input.json'], terminal.io)).toBe(done)
    expect(terminal.lines()).toEqual([message])
    expect(await run(['call', url, 'send', '@none.json'], terminal.io)).toBe(unreadable)
    expect(terminal.err()).toContain('none.json cannot be read')
  })

  test('uploads the lines of the standard input, by the contract or by --upload', async () => {
    const { url } = await startLab()
    const args = ['call', url, 'importRows', '-', '--head', '{"table":"t"}']
    const input = '{"n":1}\n\n{"n":2}\n{"n":3}'
    expect(await typewire(args, { input })).toMatchObject({ exitCode: done, out: '"t: 6"\n' })
    expect(await typewire([...args, '--upload'], { input, hasContract: false })).toMatchObject({ out: '"t: 6"\n' })
    expect(await typewire(['call', url, 'importRows', '[{"n":4}]', '--head', '{"table":"t"}'])).toMatchObject({
      out: '"t: 4"\n',
    })
  })

  test('says which line of an upload is wrong', async () => {
    const { url } = await startLab()
    const args = ['call', url, 'importRows', '-', '--head', '{"table":"t"}']
    const { exitCode, err } = await typewire(args, { input: '{"n":1}\n\nno\n' })
    expect(exitCode).toBe(usage)
    expect(err).toContain('Line 3 of the standard input is not JSON')
  })

  test('prints errors of the contract with their data, and what is wrong with their paths', async () => {
    const { url } = await startLab()
    const muted = await typewire(['call', url, 'send', '{"text":"spam"}'])
    expect(muted).toMatchObject({ exitCode: found, out: '' })
    expect(muted.err).toBe('MUTED: send answered MUTED.\n  data: {"untilMs":60000}\n')
    const invalid = await typewire(['call', url, 'send', '{"text":""}'])
    expect(invalid.exitCode).toBe(found)
    expect(invalid.err).toMatch(/^INVALID_INPUT: .*text: Too small/)
    const bug = await typewire(['call', url, 'send', '{"text":"bug"}'])
    expect(bug.err).toMatch(/^INTERNAL: [^]*\n {2}incident: [\w-]+\n/)
    expect(bug.err).not.toContain('secret')
  })

  test('ends with TIMED_OUT after --timeout', async () => {
    const { url, state } = await startLab()
    expect(await typewire(['call', url, 'wait', '--timeout', '20'])).toMatchObject({
      exitCode: found,
      err: expect.stringMatching(/^TIMED_OUT: [^]*Wait longer with --timeout/) as string,
    })
    await eventually(() => state.waiting === 0, 'the handler is told')
  })

  test.each([
    [['sned', '{}'], 'There is no procedure sned in typewire.json. Did you mean send?'],
    [['seen', '{}'], 'seen is an event to the server, not a procedure: typewire emit sends it.'],
    [['nothing'], 'There are count, importRows, later, send, wait, whoami.'],
    [['whoami', '1'], 'whoami takes no input.'],
    [['send'], 'send takes input.'],
    [['importRows'], 'importRows takes an upload'],
    [['send', '{'], 'The input is not JSON'],
    [['send', 'hi'], `A text is written in quotes: '"…"'.`],
    [['whoami', '--head', '{}'], '--head is of an upload'],
    [['later', '{"at":"soon","id":1,"tags":[]}'], 'input.at: "soon" is no Date.'],
    [['ban', '"x"', '-n', 'admn'], 'There is no namespace admn in typewire.json. Did you mean admin?'],
    [['whoami', '--timeout', 'x'], 'Give milliseconds'],
    [['whoami', '-t', 'carrier-pigeon'], 'Allowed choices are websocket, http-stream, http-poll'],
    [['no-name', '--no-contract'], 'no-name cannot be a name in a contract'],
  ])('refuses %j before anything is sent', async (args, text) => {
    const { url, state } = await startLab()
    const { exitCode, err } = await typewire(['call', url, ...args])
    expect(err).toContain(text)
    expect(exitCode).toBe(usage)
    expect(state.sessions).toBe(0)
  })

  test('reads a stream that it is asked for, but a stream is no procedure', async () => {
    const { url } = await startLab()
    expect((await typewire(['call', url, 'count', '{"to":2}'])).lines()).toEqual([{ n: 1 }, { n: 2 }])
    expect(await typewire(['stream', url, 'send', '{}'])).toMatchObject({
      exitCode: usage,
      err: expect.stringContaining('send is a procedure, not a stream: typewire call asks it.') as string,
    })
  })

  test('Ctrl-C withdraws the call, closes the connection and ends with 130', async () => {
    const { url, state } = await startLab()
    const call = await begin(['call', url, 'wait'])
    await eventually(() => state.waiting === 1, 'the handler runs')
    call.interrupt()
    expect(await call.exitCode).toBe(interrupted)
    expect(call.out() + call.err()).toBe('')
    await eventually(() => state.waiting + state.sessions === 0, 'the session is over')
  })

  test('Ctrl-C while it uploads does not pass for the end of the input', async () => {
    const { url, state } = await startLab()
    const call = await begin(['call', url, 'importRows', '-', '--head', '{"table":"t"}'])
    call.stdin.write('{"n":1}\n')
    await eventually(() => state.sessions === 1, 'it is connected')
    call.interrupt()
    expect(await call.exitCode).toBe(interrupted)
    expect(call.out()).toBe('')
  })
})

describe('typewire stream', () => {
  test('ends after --count, and the server with it', async () => {
    const { url } = await startLab()
    const { exitCode, lines } = await typewire(['stream', url, 'count', '{"to":1000000}', '--count', '2'])
    expect({ exitCode, lines: lines() }).toEqual({ exitCode: done, lines: [{ n: 1 }, { n: 2 }] })
  })
})

describe('typewire emit', () => {
  test('prints the ack', async () => {
    const { url } = await startLab()
    const { exitCode, lines } = await typewire(['emit', url, 'seen', '{"id":"m1"}', '--ack'])
    expect({ exitCode, lines: lines() }).toEqual({ exitCode: done, lines: [{ at: message.sentAt }] })
  })

  test('refuses an event that the contract does not have', async () => {
    const { url } = await startLab()
    const { exitCode, err } = await typewire(['emit', url, 'sene', '{}'])
    expect({ exitCode, err }).toMatchObject({
      exitCode: usage,
      err: expect.stringContaining('Did you mean seen?') as string,
    })
  })
})

describe('typewire listen', () => {
  test('prints those alone that are named, until Ctrl-C, which is its normal end', async () => {
    const { url, server, state } = await startLab()
    const listen = await begin(['listen', url, 'notice'])
    await listen.shows('hello')
    for (const session of server.sessions) session.emit.notice({ text: 'more' })
    await listen.shows('more')
    listen.interrupt()
    expect(await listen.exitCode).toBe(done)
    expect(listen.lines()).toEqual(['hello', 'more'].map((text) => ({ event: 'notice', payload: { text } })))
    await eventually(() => state.sessions === 0, 'the session is over')
  })

  test('ends after --for', async () => {
    const { url } = await startLab()
    expect((await typewire(['listen', url, '--for', '1'])).exitCode).toBe(done)
  })

  test('refuses an event that the contract does not have', async () => {
    const { url } = await startLab()
    expect(await typewire(['listen', url, 'notise'])).toMatchObject({
      exitCode: usage,
      err: expect.stringContaining(
        'There is no event to clients notise in typewire.json. Did you mean notice?',
      ) as string,
    })
  })

  test('says that the server has ended it', async () => {
    const { url, server } = await startLab()
    const listen = await begin(['listen', url])
    await listen.shows('in the lobby')
    for (const session of server.sessions) session.close('Enough of you.')
    expect(await listen.exitCode).toBe(unreachable)
    expect(listen.err()).toContain('Enough of you.')
  })

  test('gives no ack', async () => {
    const { url, server } = await startLab()
    const listen = await begin(['listen', url])
    await listen.shows('in the lobby')
    const [session] = server.sessions
    await expect(session!.emitWithAck.ask('Well?')).rejects.toMatchObject({ code: 'NO_HANDLER' })
    expect(listen.lines()).toContainEqual({ event: 'ask', payload: 'Well?' })
  })
})

describe('typewire listen, when the connection is lost', () => {
  test('comes back, and says so', async () => {
    const { url, port, server } = await startLab()
    const proxy = await relay(port)
    const listen = await begin(['listen', proxy.url])
    await listen.shows('in the lobby')
    proxy.cut()
    await listen.shows('the connection is lost')
    await listen.shows('connected again')
    for (const session of server.sessions) session.emit.notice({ text: 'still there?' })
    await listen.shows('still there?')
    listen.interrupt()
    expect(await listen.exitCode).toBe(done)
    expect(url).not.toBe(proxy.url)
  })

  test('ends when the server has closed its namespace', async () => {
    const { url, server } = await startLab()
    const listen = await begin(['listen', url, '-n', 'admin', '--namespace-auth', '{"code":"1234"}'])
    await listen.shows('listening to')
    server.ns.admin.emit.report({ text: 'Disk is full.' })
    await listen.shows('Disk is full.')
    for (const session of server.ns.admin.sessions) session.close('The shift is over.')
    expect(await listen.exitCode).toBe(unreachable)
    expect(listen.lines()).toEqual([{ event: 'report', payload: { text: 'Disk is full.' } }])
    expect(listen.err()).toMatch(/The namespace admin is closed: FORBIDDEN: .*The shift is over/)
  })
})

describe('typewire join', () => {
  test('prints the last events first', async () => {
    const { url } = await startLab()
    const room = ['join', url, 'chat', '{"roomId":"42"}', '--event', 'message']
    await typewire([...room, '--emit', 'say="one"', '--emit', 'say="two"', '--count', '2'])
    const { lines } = await typewire([...room, '--last', '1', '--count', '1'])
    expect(lines()).toContainEqual({ event: 'message', payload: { ...message, text: 'two' } })
  })

  test('says why it may not join', async () => {
    const { url } = await startLab()
    const { exitCode, err } = await typewire(['join', url, 'chat', '{"roomId":"secret"}'])
    expect(exitCode).toBe(found)
    expect(err).toMatch(/^chat was not joined\. FORBIDDEN: /)
  })

  test('says that it was evicted', async () => {
    const { url, server } = await startLab()
    const join = await begin(['join', url, 'chat', '{"roomId":"42"}'])
    await join.shows('joined chat')
    await server.rooms.chat({ roomId: '42' }).close('Closing time.')
    expect(await join.exitCode).toBe(found)
    expect(join.err()).toMatch(/chat was left\. FORBIDDEN: .*Closing time\./)
  })

  test('Ctrl-C is its normal end', async () => {
    const { url, state } = await startLab()
    const join = await begin(['join', url, 'chat', '{"roomId":"42"}'])
    await join.shows('joined chat')
    join.interrupt()
    expect(await join.exitCode).toBe(done)
    await eventually(() => state.sessions === 0, 'the session is over')
  })

  test.each([
    [['caht', '{}'], 'There is no room caht in typewire.json. Did you mean chat?'],
    [['chat', '{"roomId":"1"}', '--event', 'mesage'], 'Did you mean message?'],
    [['chat', '{"roomId":"1"}', '--emit', 'syy="x"'], 'Did you mean say?'],
    [['lobby', '--presence', '{}'], 'lobby takes no presence.'],
  ])('refuses %j before anything is sent', async (args, text) => {
    const { url, state } = await startLab()
    const { exitCode, err } = await typewire(['join', url, ...args])
    expect({ exitCode, err }).toMatchObject({ exitCode: usage, err: expect.stringContaining(text) as string })
    expect(state.sessions).toBe(0)
  })
})

describe('credentials', () => {
  test.each([
    ['inline', '{"token":"ada"}'],
    ['of the environment', 'env:AUTH'],
    ['of a file', '@auth.json'],
  ])('%s', async (_, source) => {
    const { url } = await startLab()
    const terminal = await openTerminal({ env: { AUTH: '{"token":"ada"}' } })
    writeFileSync(join(terminal.cwd, 'auth.json'), '{"token":"ada"}')
    expect(await run(['call', url, 'whoami', '--auth', source], terminal.io)).toBe(done)
    expect(terminal.out()).toBe('"ada"\n')
  })

  test('are never printed: not in a trace, and not in errors', async () => {
    const { url } = await startLab()
    const call = ['call', url, 'ban', '"x"', '-n', 'admin', '--namespace-auth', '{"code":"1234"}', '--trace']
    const traced = await typewire([...call, '-a', '{"token":"hush-hush","since":"2026-01-01"}'])
    expect(traced.exitCode).toBe(done)
    expect(traced.err).toMatch(/→ websocket hello +\[0,.*"auth":"…"/)
    expect(traced.err).toContain('← websocket result')
    expect(traced.err).not.toMatch(/hush-hush|1234"|"secret"/)
    const broken = await typewire(['call', url, 'whoami', '-a', '{"token":"hush-hush"'])
    expect(broken).toMatchObject({ exitCode: usage, err: expect.stringContaining('is not JSON') as string })
    expect(broken.err).not.toContain('hush')
    const inUrl = await typewire(['call', url.replace('//', '//ada:hush@'), 'whoami'])
    expect(inUrl).toMatchObject({ exitCode: usage, err: expect.stringContaining('by --auth') as string })
    expect(inUrl.err).not.toContain('hush')
    expect((await typewire(['call', url, 'whoami', '-a', 'env:NONE'])).err).toContain('no variable NONE')
  })

  test.each(['token', 'access_token', 'apiKey', 'key', 'client-secret', 'PASSWORD', 'auth'])(
    'are refused in the URL as ?%s=',
    async (name) => {
      const { url } = await startLab()
      const ran = await typewire(['call', `${url}/?${name}=hush`, 'whoami'])
      expect(ran).toMatchObject({ exitCode: usage, err: expect.stringContaining('by --auth') as string })
      expect(ran.err).not.toContain('hush')
    },
  )

  test('are not taken for such what only sounds like it', async () => {
    const { url } = await startLab()
    expect(await typewire(['call', `${url}/?author=ada&region=eu`, 'whoami'])).toMatchObject({ exitCode: done })
  })

  test('that are refused are said to be, of the server and of a namespace', async () => {
    const { url } = await startLab()
    const stranger = await typewire(['call', url, 'whoami', '-a', '{"token":"stranger"}'])
    expect(stranger.exitCode).toBe(unreachable)
    expect(stranger.err).toMatch(/refused the credentials: UNAUTHORIZED: Nobody knows you\.\nGive others: --auth/)
    const wrong = await typewire(['call', url, 'ban', '"x"', '-n', 'admin', '--namespace-auth', '{"code":"1"}'])
    expect(wrong.exitCode).toBe(unreachable)
    expect(wrong.err).toMatch(/^The namespace admin cannot be opened: UNAUTHORIZED: .*\nGive others: --namespace-auth/)
  })
})

describe('a server that cannot be reached', () => {
  const call = (url: string, ...args: string[]) => typewire(['call', url, 'whoami', ...args])

  test('refuses connections', async () => {
    const { exitCode, err } = await call('http://127.0.0.1:1')
    expect({ exitCode, err }).toMatchObject({
      exitCode: unreachable,
      err: expect.stringMatching(/^Nothing listens at 127\.0\.0\.1:1 /) as string,
    })
  })

  test('is at another path', async () => {
    const { url } = await startLab()
    const { exitCode, err } = await call(`${url}/elsewhere`)
    expect(exitCode).toBe(unreachable)
    expect(err).toContain(`There is no Typewire at ${url}/elsewhere: the server answered 404.`)
  })

  test('speaks no TLS', async () => {
    const { url } = await startLab()
    const { exitCode, err } = await call(url.replace('http', 'https'))
    expect(exitCode).toBe(unreachable)
    expect(err).toMatch(/does not speak TLS\. Try http:\/\/127/)
    expect(err).not.toMatch(/EPROTO|SSL routines/)
  })

  test('may speak TLS', async () => {
    const closing = createTcpServer((socket) => socket.destroy())
    const { exitCode, err } = await call(await listening(closing))
    expect(exitCode).toBe(unreachable)
    expect(err).toMatch(/If it speaks TLS, try https:\/\/127/)
  })

  test('speaks TLS in a way that is not agreed on', async () => {
    // A fatal alert: handshake_failure.
    const refusing = createTcpServer((socket) =>
      socket.once('data', () => socket.end(Buffer.from('15030300020228', 'hex'))),
    )
    const { exitCode, err } = await call((await listening(refusing)).replace('http', 'https'))
    expect(exitCode).toBe(unreachable)
    expect(err).toMatch(/could not agree on TLS \(.*handshake failure\)\./)
    expect(err).not.toMatch(/EPROTO|SSL routines/)
  })

  test('is no Typewire', async () => {
    const http = createHttpServer((_, response) => response.end('<html>'))
    const { exitCode, err } = await call(await listening(http))
    expect(exitCode).toBe(unreachable)
    expect(err).toContain('does not speak Typewire')
  })

  test('never answers', async () => {
    const silent = createTcpServer(() => {})
    const { exitCode, err } = await call(await listening(silent), '--connect-timeout', '30')
    expect(exitCode).toBe(unreachable)
    expect(err).toContain('has not answered within 30 ms. Wait longer with --connect-timeout.')
  })

  test('is waited for until Ctrl-C', async () => {
    const sockets: unknown[] = []
    const silent = createTcpServer((socket) => sockets.push(socket))
    const waiting = await begin(['call', await listening(silent), 'whoami'])
    await eventually(() => sockets.length > 0, 'it tries')
    waiting.interrupt()
    expect(await waiting.exitCode).toBe(interrupted)
  })

  test('goes away while it works', async () => {
    const { url, state, ready } = await startLab()
    const waiting = await begin(['call', url, 'wait', '--connect-timeout', '1000'])
    await eventually(() => state.waiting === 1, 'the handler runs')
    await ready.close({ drainMs: 0 })
    expect(await waiting.exitCode).toBe(unreachable)
    expect(waiting.err()).toContain('The connection is lost')
  })

  test.each([
    ['localhost:3000', 'Did you mean http://localhost:3000?'],
    ['ftp://example.com', 'is no URL of a server'],
  ])('has no such URL as %s', async (url, text) => {
    expect(await call(url)).toMatchObject({ exitCode: usage, err: expect.stringContaining(text) as string })
  })
})

async function listening(server: ReturnType<typeof createTcpServer>): Promise<string> {
  const sockets = new Set<{ destroy(): unknown }>()
  server.on('connection', (socket) => sockets.add(socket))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Something between a client and a server on this machine, whose connections can be cut. */
async function relay(port: number) {
  const cuts = new Set<() => void>()
  const server = createTcpServer((near) => {
    const far = connect(port, '127.0.0.1')
    const cut = () => {
      near.destroy()
      far.destroy()
    }
    cuts.add(cut)
    for (const socket of [near, far]) socket.on('error', cut).on('close', cut)
    near.pipe(far).pipe(near)
  })
  const url = await listening(server)
  const cut = () => {
    for (const one of cuts) one()
    cuts.clear()
  }
  onTestFinished(cut)
  return { url, cut }
}
