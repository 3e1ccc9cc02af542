import { getEventListeners } from 'node:events'
import { createClient } from '@typewire/client'
import { defineContract, event, procedure, TypewireError } from '@typewire/core'
import { frames } from '@typewire/core/internal'
import { createServer, type ErrorInfo } from '@typewire/server'
import { createFakeClock } from '@typewire/testkit'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { eventually, quiet, settled } from '../support/eventually.ts'
import { type LabHandlers, startLab } from '../support/lab.ts'
import { gatedSchema } from '../support/schemas.ts'
import { serve } from '../support/serve.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'

failOnUnhandledRejections()

type Work = LabHandlers['procedures']['work']
const workingAs = (work: Work) => startLab({ handlers: { procedures: { work } } })

describe('what a handler throws', () => {
  test('CA-9: an error of its contract reaches the caller with its code and data', async () => {
    const lab = await workingAs(({ errors }) => {
      throw errors.BUSY({ forMs: 5 })
    })
    const client = lab.client()
    await expect(client.call.work({ n: 1 })).rejects.toMatchObject({
      name: 'TypewireError',
      code: 'BUSY',
      data: { forMs: 5 },
      origin: 'work',
      incident: undefined,
    })
    expect(await client.try.work({ n: 1 })).toMatchObject({ ok: false, error: { code: 'BUSY', data: { forMs: 5 } } })
    expect(lab.errors).toEqual([])
  })

  test.each(['NOT_FOUND', 'UNAUTHORIZED', 'FORBIDDEN', 'OVERLOADED'])(
    'CA-9: %s reaches the caller, without data',
    async (code) => {
      const lab = await workingAs(() => {
        throw new TypewireError(code, `${'because '.repeat(500)}`, { data: { secret: 'xyzzy' } })
      })
      const error = await lab
        .client()
        .call.work({ n: 1 })
        .catch((reason: unknown) => reason)
      expect(error).toMatchObject({ code, data: undefined, message: expect.stringContaining('because') })
      expect((error as Error).message.length).toBeLessThanOrEqual(1_024)
      expect(lab.errors).toEqual([])
    },
  )

  test.each<[string, () => unknown]>([
    ['data of its contract that does not match', () => new TypewireError('BUSY', 'x', { data: { forMs: 'xyzzy' } })],
    ['a code that it does not declare', () => new TypewireError('XYZZY', 'xyzzy')],
    ['a code of Typewire that is not for handlers', () => new TypewireError('TIMED_OUT', 'xyzzy')],
    ['INTERNAL', () => new TypewireError('INTERNAL', 'xyzzy', { incident: 'xyzzy' })],
    ['an answer that another server gave', () => new TypewireError('FORBIDDEN', 'xyzzy', { origin: 'elsewhere' })],
    ['an Error', () => new Error('xyzzy')],
    ['a text', () => 'xyzzy'],
    ['nothing', () => undefined],
    ['null', () => null],
    ['an object with a code', () => ({ code: 'FORBIDDEN', message: 'xyzzy' })],
    [
      'a proxy that throws',
      () =>
        new Proxy(
          {},
          {
            has: () => {
              throw new Error('xyzzy')
            },
          },
        ),
    ],
  ])('CA-9: %s is masked, and told whole to onError', async (_, thrown) => {
    const what = thrown()
    const lab = await workingAs(() => {
      throw what
    })
    const error = (await lab
      .client()
      .call.work({ n: 1 })
      .catch((reason: unknown) => reason)) as TypewireError
    expect(error).toMatchObject({ code: 'INTERNAL', data: undefined, incident: expect.any(String) })
    expect(JSON.stringify([error.message, error])).not.toContain('xyzzy')
    expect(lab.errors).toHaveLength(1)
    expect(lab.errors[0]!.info).toEqual({
      where: 'procedure work',
      incident: error.incident,
      sessionId: lab.session().id,
    })
  })

  test('its signal’s reason, after the caller gave up, is no news', async () => {
    const controller = new AbortController()
    let isRunning = false
    const lab = await workingAs(
      ({ signal }) =>
        new Promise((_, reject) => {
          isRunning = true
          signal.addEventListener('abort', () => reject(signal.reason as Error))
        }),
    )
    const call = lab.client().call.work({ n: 1 }, { signal: controller.signal })
    await eventually(() => isRunning, 'the handler runs')
    controller.abort()
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
    await quiet()
    expect(lab.errors).toEqual([])
  })

  test('onError that throws itself harms nothing', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const onError = (): never => {
      throw new Error('onError')
    }
    const lab = await startLab({
      server: { onError },
      handlers: { procedures: { work: () => Promise.reject(new Error('handler')) } },
    })
    const client = lab.client()
    await expect(client.call.work({ n: 1 })).rejects.toMatchObject({ code: 'INTERNAL' })
    expect(await client.call.echo('x')).toBe('x')
    expect(log).toHaveBeenCalledTimes(1)
  })

  test('where no onError is given, goes to console.error with its incident', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const lab = await startLab({
      server: { onError: undefined },
      handlers: { procedures: { work: () => Promise.reject(new Error('handler')) } },
    })
    const error = (await lab
      .client()
      .call.work({ n: 1 })
      .catch((reason: unknown) => reason)) as TypewireError
    expect(log).toHaveBeenCalledTimes(1)
    expect(log.mock.calls[0]!.join(' ')).toContain(error.incident)
  })
})

describe('what a handler gets', () => {
  test('deadlineMs, of the lesser limit; a signal that is the same each time', async () => {
    const seen: { left: number; same: boolean }[] = []
    const lab = await workingAs((args) => {
      seen.push({ left: args.deadlineMs - Date.now(), same: args.signal === args.signal })
      return { doubled: 0 }
    })
    const client = lab.client()
    for (const timeoutMs of [undefined, 5_000, 120_000]) await client.call.work({ n: 1 }, { timeoutMs })
    expect(seen.map(({ left }) => Math.ceil(left / 1_000))).toEqual([30, 5, 30])
    expect(seen.every(({ same }) => same)).toBe(true)
  })

  test('CA-8: the time limit of its procedure, where that has one', async () => {
    let isRunning = false
    const brief = () => ((isRunning = true), new Promise<void>(() => {}))
    const lab = await startLab({ handlers: { procedures: { brief } } })
    const client = lab.client()
    const call = settled(client.call.brief(), 'the call')
    await eventually(() => isRunning, 'the handler runs')
    await lab.clock.advance(990)
    expect(lab.clock.pending).toBe(1)
    await lab.clock.advance(20)
    expect(await call).toMatchObject({ reason: { code: 'TIMED_OUT', origin: 'brief' } })
    expect(lab.clock.pending).toBe(0)
  })

  test('input as its schema gives it, and the caller output as its schema gives it, each read once', async () => {
    const reads: string[] = []
    const contract = defineContract({
      procedures: {
        convert: procedure({
          input: z.string().transform((text) => (reads.push('input'), Number(text))),
          output: z.number().transform((n) => (reads.push('output'), `<${n}>`)),
        }),
      },
    })
    const clock = createFakeClock()
    const server = createServer(contract, { clock })
    const { url } = await serve(server.implement({ procedures: { convert: ({ input }) => input + 1 } }), clock)
    const client = createClient<typeof contract>({ url })
    onTestFinished(() => client.close())
    expect(await client.call.convert('41')).toBe('<42>')
    expect(reads).toEqual(['input', 'output'])
  })
})

describe('schemas that answer with promises', () => {
  async function asynchronous() {
    const [input, output] = [gatedSchema<string>(), gatedSchema<string>()]
    const contract = defineContract({
      procedures: { echo: procedure({ input, output }) },
      events: { toServer: { note: event(input, { ack: output }) } },
    })
    const clock = createFakeClock()
    const ran: string[] = []
    const errors: { error: unknown; info: ErrorInfo }[] = []
    const server = createServer(contract, { clock, onError: (error, info) => void errors.push({ error, info }) })
    const listening = server.implement({
      procedures: { echo: ({ input: text }) => (ran.push(text), text) },
      events: { note: ({ payload }) => (ran.push(payload), payload) },
    })
    const { url } = await serve(listening, clock)
    const client = createClient<typeof contract>({ url })
    onTestFinished(() => client.close())
    return { input, output, clock, ran, errors, client }
  }

  test('are waited for, before the handler and behind it', async () => {
    const { input, output, ran, client } = await asynchronous()
    const call = client.call.echo('x')
    await eventually(() => input.asked.length === 1, 'the input is read')
    expect(ran).toEqual([])
    input.release()
    await eventually(() => output.asked.length === 1, 'the output is read')
    expect(ran).toEqual(['x'])
    output.release()
    expect(await call).toBe('x')
  })

  test('count towards the time limit, and a call that is over runs no handler', async () => {
    const { input, clock, ran, client } = await asynchronous()
    const call = settled(client.call.echo('x'), 'the call')
    await eventually(() => input.asked.length === 1, 'the input is read')
    await clock.advance(30_010)
    expect(await call).toMatchObject({ reason: { code: 'TIMED_OUT' } })
    input.release()
    await quiet()
    expect(ran).toEqual([])
  })

  test('a call that is cancelled while its input is read runs no handler', async () => {
    const { input, ran, client } = await asynchronous()
    const controller = new AbortController()
    const call = client.call.echo('x', { signal: controller.signal })
    await eventually(() => input.asked.length === 1, 'the input is read')
    controller.abort()
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
    await quiet()
    input.release()
    await quiet()
    expect(ran).toEqual([])
  })
})

describe('nothing is left of what was asked', () => {
  test('emitWithAck leaves no listener on a signal, whatever became of it', async () => {
    const lab = await startLab()
    const client = lab.client()
    client.on.ask(() => ({ yes: true }))
    const hall = client.join.hall({ id: 'h' })
    await hall.ready
    hall.on.poll(() => ({ yes: true }))
    const { signal } = new AbortController()
    const room = lab.server.rooms.hall({ id: 'h' })
    await lab.session().emitWithAck.ask({ text: '?' }, { signal })
    await room.emitWithAck.poll({ text: '?' }, { signal })
    await room.except(lab.session()).emitWithAck.poll({ text: '?' }, { signal })
    await lab
      .session()
      .emitWithAck.notice({ text: '?' }, { signal })
      .catch(() => {})
    await client.close()
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(lab.clock.pending).toBe(0)
  })

  test('WR-6: nothing is sent that is larger than the client said it takes', async () => {
    const lab = await startLab()
    const peer = await lab.peer()
    await peer.hello({ maxMessageBytes: 1_024 })
    const session = lab.session()
    const text = '漢'.repeat(100)
    for (let n = 0; n < 50; n++) session.emit.notice({ text })
    for (let n = 0; n < 50; n++) expect((await peer.read())[0]).toBe(frames.event.kind)
    const large = 'x'.repeat(2_000)
    peer.send([frames.call.kind, 1, 'echo', 0, large])
    expect((await peer.read()).slice(0, 2)).toEqual([frames.error.kind, 1])
    const sizes = peer.messages.map((message) => new TextEncoder().encode(message).length)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_024)
    expect(sizes.length).toBeLessThan(51) // and as much together as fits
  })
})
