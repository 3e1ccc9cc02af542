import { createClient } from '@typewire/client'
import { defineContract, event } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer } from '@typewire/server'
import { connectRawPeer, createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { eventually, quiet } from '../support/eventually.ts'
import { type LabSession, startLab } from '../support/lab.ts'
import { gatedSchema } from '../support/schemas.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { tapWire } from '../support/wire-tap.ts'

failOnUnhandledRejections()

describe('the session hook', () => {
  test('runs once per session, before its first call, and its signal aborts at the end of the session', async () => {
    const log: string[] = []
    const signals: AbortSignal[] = []
    const lab = await startLab({
      handlers: {
        session: ({ signal, session, ctx }) => {
          log.push(`session of ${String(session.identity)}, ${String(ctx.identity)}`)
          signals.push(signal)
        },
        procedures: { echo: ({ input }) => (log.push(input), input) },
      },
    })
    const client = lab.client()
    await client.call.echo('first')
    await client.call.echo('second')
    expect(log).toEqual(['session of null, null', 'first', 'second'])
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    await client.close()
    await eventually(() => signals[0]!.aborted, 'the signal aborts')
    expect(signals).toHaveLength(1)
  })

  test('runs again for the session that follows a lost one', async () => {
    const ids: string[] = []
    const lab = await startLab({ handlers: { session: ({ session }) => void ids.push(session.id) } })
    const client = lab.client()
    await client.connect()
    lab.cut()
    await eventually(() => client.status.current.state === 'waiting', 'the client waits')
    await client.clock.advance(1)
    await eventually(() => client.status.current.state === 'open', 'the client is back')
    expect(new Set(ids).size).toBe(2)
  })

  test('that throws or rejects is told, and the session goes on', async () => {
    let isSync = true
    const lab = await startLab({
      handlers: {
        session: () => {
          if (isSync) throw new Error('at once')
          return Promise.reject(new Error('later'))
        },
      },
    })
    expect(await lab.client().call.echo('1')).toBe('1')
    isSync = false
    expect(await lab.client().call.echo('2')).toBe('2')
    expect(lab.errors.map(({ error, info }) => [(error as Error).message, info.where])).toEqual([
      ['at once', 'session'],
      ['later', 'session'],
    ])
  })

  test('that never ends holds up no call', async () => {
    const lab = await startLab({ handlers: { session: () => new Promise(() => {}) } })
    expect(await lab.client().call.echo('hi')).toBe('hi')
  })

  test('may end the session at once', async () => {
    const lab = await startLab({ handlers: { session: ({ session }) => session.close('not today') } })
    const client = lab.client()
    await expect(client.call.echo('hi')).rejects.toMatchObject({ code: 'SESSION_LOST' })
    expect(client.status.current).toMatchObject({ state: 'closed', reason: expect.stringContaining('not today') })
    expect([...lab.server.sessions]).toEqual([])
  })
})

describe('session.close', () => {
  test('writes what was queued, says why, aborts what runs, and the client does not come back', async () => {
    const signals: AbortSignal[] = []
    const lab = await startLab({
      handlers: { procedures: { work: ({ signal }) => (signals.push(signal), new Promise(() => {})) } },
    })
    const peer = await lab.peer()
    await peer.hello()
    peer.send([frames.call.kind, 1, 'work', 0, { n: 1 }])
    await eventually(() => signals.length === 1, 'the handler runs')
    const session = lab.session()
    session.emit.notice({ text: 'last words' })
    session.close('über 🙂 and out')
    session.close('twice is once')
    session.emit.notice({ text: 'too late' })
    expect(await peer.closed()).toEqual({ code: 4000, reason: '?ber ?? and out' })
    expect(peer.unread).toEqual([
      [frames.event.kind, 0, 'notice', 0, { text: 'last words' }],
      [frames.close.kind, 4000, 'über 🙂 and out', { received: 1 }],
    ])
    expect(signals[0]!.aborted).toBe(true)
    await expect(session.emitWithAck.ask({ text: 'anybody?' })).rejects.toMatchObject({
      code: 'SESSION_LOST',
      outcome: 'not_sent',
    })
    await session.join(lab.server.rooms.hall({ id: 'x' })) // nothing, and no error
  })
})

describe('server.sessions, emit and to', () => {
  async function three() {
    const lab = await startLab()
    const heard: string[][] = []
    const sessions: LabSession[] = []
    for (let i = 0; i < 3; i++) {
      const client = lab.client()
      const texts: string[] = []
      client.on.notice(({ text }) => void texts.push(text))
      await client.connect()
      heard.push(texts)
      sessions.push([...lab.server.sessions].find((session) => !sessions.includes(session))!)
    }
    return { lab, heard, sessions }
  }

  test('emit goes to everybody, and to() to these alone, each once', async () => {
    const { lab, heard, sessions } = await three()
    lab.server.emit.notice({ text: 'all' })
    lab.server.to([sessions[0]!, sessions[2]!, sessions[0]!, { id: 'nobody' }]).emit.notice({ text: 'some' })
    lab.server.to(new Set(sessions.slice(1))).emit.notice({ text: 'set' })
    lab.server.emit.notice({ text: 'end' })
    await eventually(() => heard.every((texts) => texts.includes('end')), 'all have heard')
    expect(heard).toEqual([
      ['all', 'some', 'end'],
      ['all', 'set', 'end'],
      ['all', 'some', 'set', 'end'],
    ])
  })

  test('EV-4: to([]) is nobody', async () => {
    const { lab, heard } = await three()
    lab.server.to([]).emit.notice({ text: 'nobody' })
    lab.server.to(new Set()).emit.notice({ text: 'nobody' })
    lab.server.emit.notice({ text: 'end' })
    await eventually(() => heard.every((texts) => texts.includes('end')), 'all have heard')
    expect(heard).toEqual([['end'], ['end'], ['end']])
  })

  test('EV-4: what goes to all is one text for all', async () => {
    const { lab, heard } = await three()
    const tap = tapWire()
    lab.server.emit.notice({ text: 'one' })
    await eventually(() => heard.every((texts) => texts.length === 1), 'all have heard')
    expect(new Set(tap.fromServer().map((frame) => JSON.stringify(frame))).size).toBe(1)
  })

  test('emit throws INVALID_OUTPUT at its caller, and nobody hears', async () => {
    const { lab, heard, sessions } = await three()
    const wrong = { text: 1 } as unknown as { text: string }
    const invalid = expect.objectContaining({ code: 'INVALID_OUTPUT', issues: expect.any(Array) }) as Error
    expect(() => lab.server.emit.notice(wrong)).toThrow(invalid)
    expect(() => lab.server.to(sessions).emit.notice(wrong)).toThrow(invalid)
    expect(() => sessions[0]!.emit.notice(wrong)).toThrow(invalid)
    await quiet()
    expect(heard).toEqual([[], [], []])
  })

  test('sessions are those of now', async () => {
    const { lab, sessions } = await three()
    expect([...lab.server.sessions]).toEqual(sessions)
    sessions[1]!.close()
    expect([...lab.server.sessions]).toEqual([sessions[0], sessions[2]])
  })

  test('a session is the same object in every handler, and its verbs can be taken apart', async () => {
    const seen: unknown[] = []
    const lab = await startLab({
      handlers: { procedures: { echo: ({ input, session }) => (seen.push(session), input) } },
    })
    const client = lab.client()
    const heard: string[] = []
    client.on.notice(({ text }) => void heard.push(text))
    await client.call.echo('1')
    await client.call.echo('2')
    expect(seen[0]).toBe(seen[1])
    expect(seen[0]).toBe(lab.session())
    const { emit, id } = lab.session()
    const { notice } = emit
    notice({ text: 'apart' })
    await eventually(() => heard.length === 1, 'it is heard')
    expect(id).toBe(client.status.current.state === 'open' ? client.status.current.sessionId : '')
  })
})

describe('what one session is sent keeps the order in which it was emitted', () => {
  async function ordered() {
    const gate = gatedSchema<{ n: number }>()
    const contract = defineContract({
      events: {
        toClient: { slow: event(gate), quick: event(z.object({ n: z.number() })) },
      },
    })
    const clock = createFakeClock()
    const errors: unknown[] = []
    const server = createServer(contract, { clock, onError: (error) => void errors.push(error) })
    const { url } = await serve(server.implement({}), clock)
    const peer = await connectRawPeer(`${url}/typewire`)
    onTestFinished(() => peer.cut())
    await peer.hello()
    const [session] = server.sessions
    return { contract, server, session: session!, peer, gate, errors, url }
  }
  const next = async (peer: { read: () => Promise<readonly unknown[]> }) => (await peer.read())[4]

  test('although a schema answers with a promise', async () => {
    const { session, peer, gate } = await ordered()
    session.emit.slow({ n: 1 })
    session.emit.quick({ n: 2 })
    session.emit.slow({ n: 3 })
    session.emit.quick({ n: 4 })
    gate.release(1) // the later one first
    await quiet()
    expect(peer.unread).toEqual([])
    gate.release()
    expect([await next(peer), await next(peer), await next(peer), await next(peer)]).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
      { n: 4 },
    ])
  })

  test('and one that the schema refuses in the end holds up none behind it', async () => {
    const { session, peer, gate, errors } = await ordered()
    const { validate } = gate['~standard']
    Object.assign(gate['~standard'], {
      validate: (value: unknown) =>
        (validate(value) as Promise<unknown>).then(() => ({ issues: [{ message: 'after all not' }] })),
    })
    session.emit.slow({ n: 1 })
    session.emit.quick({ n: 2 })
    gate.release()
    expect(await next(peer)).toEqual({ n: 2 })
    expect(errors).toEqual([expect.objectContaining({ code: 'INVALID_OUTPUT' })])
  })

  test('emit to all is in order with emit to all', async () => {
    const { server, peer, gate } = await ordered()
    server.emit.slow({ n: 1 })
    server.emit.quick({ n: 2 })
    gate.release()
    expect([await next(peer), await next(peer)]).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('emitWithAck is in order with emit', async () => {
    const lab = await startLab()
    const client = lab.client()
    const heard: string[] = []
    client.on.ask(({ text }) => (heard.push(text), { yes: true }))
    client.on.notice(({ text }) => void heard.push(text))
    await client.connect()
    const session = lab.session()
    const ack = session.emitWithAck.ask({ text: 'first' })
    session.emit.notice({ text: 'second' })
    await ack
    await eventually(() => heard.length === 2, 'both are heard')
    expect(heard).toEqual(['first', 'second'])
  })
})

test('an event to clients whose handler gives anything is acked by a receipt alone where no ack is declared', async () => {
  const contract = defineContract({ events: { toClient: { notice: event(z.string()) } } })
  const clock = createFakeClock()
  const server = createServer(contract, { clock })
  const { url } = await serve(server.implement({}), clock)
  const client = createClient<typeof contract>({ url })
  onTestFinished(() => client.close())
  client.on.notice(() => ({ secret: 'of the client' }))
  await client.connect()
  const tap = tapWire()
  const [session] = server.sessions
  expect(await session!.emitWithAck.notice('EV-2')).toBe(undefined)
  expect(tap.fromClient()).toEqual([[frames.result.kind, expect.any(Number)]])
})
