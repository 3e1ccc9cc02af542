import { frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { is, rawServer } from './clients.ts'

failOnUnhandledRejections()

async function connected() {
  const lab = await startLab()
  const client = lab.client()
  await client.connect()
  return { lab, client, session: lab.session() }
}

const after = <T>(value: T) => new Promise<T>((resolve) => void setImmediate(() => resolve(value)))

describe('EV-3: handlers of one event', () => {
  test('all run, in order, and the answer of the first is the ack, although another is sooner', async () => {
    const { client, session } = await connected()
    const ran: string[] = []
    client.on.ask(async () => (ran.push('first'), after({ yes: true })))
    client.on.ask(() => (ran.push('second'), { yes: false }))
    expect(await session.emitWithAck.ask({ text: '?' })).toEqual({ yes: true })
    expect(ran).toEqual(['first', 'second'])
  })

  test('one that throws or rejects starves no other; the error goes to onError', async () => {
    const { client, session } = await connected()
    const ran: string[] = []
    client.on.ask(() => (ran.push('first'), { yes: true }))
    client.on.ask(() => {
      throw new Error('second')
    })
    client.on.ask(() => Promise.reject(new Error('third')))
    client.on.ask(() => (ran.push('fourth'), { yes: false }))
    expect(await session.emitWithAck.ask({ text: '?' })).toEqual({ yes: true })
    await eventually(() => client.errors.length === 2, 'both errors are told')
    expect(client.errors.map((error) => (error as Error).message)).toEqual(['second', 'third'])
    expect(ran).toEqual(['first', 'fourth'])
  })

  test('the first one fails: the ack fails, the others ran, and nothing of the error travels', async () => {
    const server = await rawServer()
    const client = server.client()
    const ran: string[] = []
    client.on.ask(() => {
      throw new Error('the password is xyzzy')
    })
    client.on.ask(() => (ran.push('second'), { yes: true }))
    const peer = await server.welcome()
    peer.send([frames.event.kind, 1, 'ask', 0, { text: '?' }])
    const answer = await peer.read()
    expect(answer).toEqual([frames.error.kind, 1, 'INTERNAL', expect.any(String), { incident: expect.any(String) }])
    expect(peer.messages.join()).not.toContain('xyzzy')
    expect(ran).toEqual(['second'])
    expect(client.errors).toEqual([expect.objectContaining({ message: 'the password is xyzzy' })])
  })

  test('an event that nobody waits for: what its handler throws goes to onError', async () => {
    const { lab, client } = await connected()
    client.on.notice(() => {
      throw new Error('one')
    })
    client.on.notice(() => Promise.reject(new Error('two')))
    lab.server.emit.notice({ text: 'x' })
    await eventually(() => client.errors.length === 2, 'both are told')
    expect(client.status.current.state).toBe('open')
    expect(lab.errors).toEqual([])
  })

  test('onError that throws itself harms neither the connection nor the ack', async () => {
    const server = await rawServer()
    const told: unknown[] = []
    const client = server.client({
      onError: (error) => {
        told.push(error)
        throw new Error('onError')
      },
    })
    client.on.ask(() => {
      throw new Error('handler')
    })
    client.on.ask(() => Promise.reject(new Error('later')))
    client.status.subscribe(() => {
      throw new Error('listener')
    })
    const peer = await server.welcome()
    peer.send([frames.event.kind, 1, 'ask', 0, { text: '?' }])
    expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, 1, 'INTERNAL'])
    await is(client, 'open')
    expect(told.length).toBeGreaterThanOrEqual(2)
  })
})

describe('on', () => {
  test('gives what unsubscribes, also by `using`, and twice is once', async () => {
    const { client, session } = await connected()
    const heard: string[] = []
    const off = client.on.ask(() => (heard.push('a'), { yes: true }))
    {
      using _ = client.on.ask(() => (heard.push('b'), { yes: true }))
      await session.emitWithAck.ask({ text: '1' })
    }
    await session.emitWithAck.ask({ text: '2' })
    off()
    off()
    await expect(session.emitWithAck.ask({ text: '3' })).rejects.toMatchObject({ code: 'NO_HANDLER' })
    expect(heard).toEqual(['a', 'b', 'a'])
  })

  test('the same handler twice is heard twice, and each unsubscribes its own', async () => {
    const { client, session } = await connected()
    let heard = 0
    const handler = () => (heard++, { yes: true })
    const offs = [client.on.ask(handler), client.on.ask(handler)]
    await session.emitWithAck.ask({ text: '1' })
    offs[0]!()
    await session.emitWithAck.ask({ text: '2' })
    expect(heard).toBe(3)
  })

  test('once: hears one payload, and its answer is the ack', async () => {
    const { client, session } = await connected()
    const heard: string[] = []
    client.on.ask(({ text }) => (heard.push(text), { yes: true }), { once: true })
    expect(await session.emitWithAck.ask({ text: '1' })).toEqual({ yes: true })
    await expect(session.emitWithAck.ask({ text: '2' })).rejects.toMatchObject({ code: 'NO_HANDLER' })
    expect(heard).toEqual(['1'])
  })

  test('once: two events of one message are heard once', async () => {
    const server = await rawServer()
    const client = server.client()
    const heard: string[] = []
    client.on.notice(({ text }) => void heard.push(text), { once: true })
    const peer = await server.welcome()
    peer.send([frames.event.kind, 0, 'notice', 0, { text: '1' }], [frames.event.kind, 0, 'notice', 0, { text: '2' }])
    await eventually(() => heard.length > 0, 'it is heard')
    await quiet()
    expect(heard).toEqual(['1'])
  })

  test('signal: hears until it aborts; aborted before, it hears nothing', async () => {
    const { client, session } = await connected()
    const controller = new AbortController()
    const heard: string[] = []
    client.on.ask(({ text }) => (heard.push(text), { yes: true }), { signal: controller.signal })
    client.on.ask(() => (heard.push('never'), { yes: true }), { signal: AbortSignal.abort() })
    await session.emitWithAck.ask({ text: '1' })
    controller.abort()
    await expect(session.emitWithAck.ask({ text: '2' })).rejects.toMatchObject({ code: 'NO_HANDLER' })
    expect(heard).toEqual(['1'])
  })

  test('a handler may add and take away handlers while it runs', async () => {
    const { client, session } = await connected()
    const heard: string[] = []
    const off = client.on.ask(() => {
      heard.push('first')
      off()
      client.on.ask(() => (heard.push('added'), { yes: true }))
      return { yes: true }
    })
    await session.emitWithAck.ask({ text: '1' })
    expect(heard).toEqual(['first'])
    await session.emitWithAck.ask({ text: '2' })
    expect(heard).toEqual(['first', 'added'])
  })

  test.each([undefined, null, 'x', {}])('refuses a handler that is %j', async (handler) => {
    const server = await rawServer()
    const client = server.client()
    expect(() => client.on.notice(handler as never)).toThrow(TypeError)
    expect(client.status.current).toEqual({ state: 'idle' })
  })

  test('names are names: handlers of `constructor` and the like are not there', async () => {
    const server = await rawServer()
    const client = server.client()
    client.on.notice(() => {})
    const peer = await server.welcome()
    const names = ['constructor', '__proto__', 'toString', 'hasOwnProperty']
    peer.send(...names.map((name, index) => [frames.event.kind, index + 1, name, 0]))
    for (const [index] of names.entries()) {
      expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, index + 1, 'NO_HANDLER'])
    }
    expect(client.errors).toEqual([])
  })
})

describe('what a server sends that cannot be', () => {
  test('PL-4: an event whose payload cannot be read is told, answered, and harms nothing', async () => {
    const server = await rawServer()
    const client = server.client()
    const heard: unknown[] = []
    client.on.ask((payload) => (heard.push(payload), { yes: true }))
    const peer = await server.welcome()
    peer.send(
      [frames.event.kind, 1, 'ask', 0, 'x', ['regexp']],
      [frames.event.kind, 0, 'ask', 0, {}, { '__proto__.polluted': ['undefined'] }],
      [frames.event.kind, 2, 'ask', 0, { text: 'fine' }],
    )
    expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, 1, 'INVALID_INPUT'])
    expect(await peer.read()).toEqual([frames.result.kind, 2, { yes: true }])
    expect(heard).toEqual([{ text: 'fine' }])
    expect(client.errors).toHaveLength(2)
  })

  test('PL-4: an answer that cannot be read rejects the call', async () => {
    const server = await rawServer()
    const client = server.client()
    const answer = client.call.echo('x')
    const peer = await server.welcome()
    await peer.read()
    peer.send([frames.result.kind, 1, 'x', ['regexp']])
    await expect(answer).rejects.toMatchObject({ name: 'TypewireError', origin: 'echo' })
    expect(client.status.current.state).toBe('open')
  })

  test.each<[string, readonly unknown[]]>([
    ['FR-5', [frames.call.kind, 1, 'echo', 0]],
    ['CA-4', [frames.result.kind, 77]],
    ['CA-4', [frames.error.kind, 77, 'X', 'x', 0]],
    ['SQ-2', [frames.ack.kind, 5]],
    ['HS-3', [frames.welcome.kind, {}]],
    ['HS-3', [frames.gone.kind, null]],
    ['HS-3', [frames.hello.kind, {}]],
    ['FR-4', [frames.left.kind, 'x', 'y']],
    ['FR-1', []],
  ])('%s: %j closes the connection, and another follows', async (clause, frame) => {
    const server = await rawServer()
    const client = server.client()
    const call = settled(client.call.echo('x'), 'the call')
    const peer = await server.welcome()
    await peer.read()
    peer.send(frame)
    expect(await peer.closed()).toEqual({ code: 4400, reason: expect.stringMatching(new RegExp(`^${clause}: `)) })
    expect(peer.unread.at(-1)?.slice(0, 2)).toEqual([frames.close.kind, 4400])
    expect(await call).toMatchObject({ reason: { code: 'SESSION_LOST' } })
    expect(client.status.current).toMatchObject({ state: 'waiting' })
    expect(client.errors).toEqual([])
  })

  test('FR-2: kinds that it does not know are ignored, and counted from 16 up', async () => {
    const server = await rawServer()
    const client = server.client()
    client.emit.note({ n: 1 })
    const peer = await server.welcome()
    await peer.read()
    peer.send([10, 'x'], [11], [99, {}], [frames.noop.kind], [frames.ping.kind, 2, 1])
    expect(await peer.read()).toEqual([frames.pong.kind, 1, 2])
  })

  test('CA-1: an ask whose id is not above the last closes the connection', async () => {
    const server = await rawServer()
    const client = server.client()
    client.on.ask(() => ({ yes: true }))
    const peer = await server.welcome()
    peer.send([frames.event.kind, 5, 'ask', 0, { text: '1' }], [frames.event.kind, 5, 'ask', 0, { text: '2' }])
    expect(await peer.closed()).toMatchObject({ code: 4400, reason: expect.stringMatching(/^CA-1: /) })
  })

  test('CA-5: an ack that the server has withdrawn is not sent', async () => {
    const server = await rawServer()
    const client = server.client()
    let answer = (_: { yes: boolean }) => {}
    client.on.ask(() => new Promise<{ yes: boolean }>((resolve) => (answer = resolve)))
    const peer = await server.welcome()
    peer.send([frames.event.kind, 1, 'ask', 0, { text: '?' }], [frames.cancel.kind, 1], [frames.ping.kind, 2, 0])
    expect(await peer.read()).toEqual([frames.pong.kind, 0, 2])
    answer({ yes: true })
    await quiet()
    expect(peer.unread).toEqual([])
  })

  test('CL-3: what comes behind a close frame is not heard', async () => {
    const server = await rawServer()
    const client = server.client()
    const heard: unknown[] = []
    client.on.notice((payload) => void heard.push(payload))
    const peer = await server.welcome()
    peer.send([frames.close.kind, 4503, 'x', 0], [frames.event.kind, 0, 'notice', 0, { text: 'late' }])
    peer.send([frames.event.kind, 0, 'notice', 0, { text: 'later' }])
    await is(client, 'waiting')
    await quiet()
    expect(heard).toEqual([])
    expect(await peer.closed()).toMatchObject({ code: expect.any(Number) })
  })
})
