import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { createServer } from '@typewire/server'
import { createFakeClock, type FakeClock } from '@typewire/testkit'
import { TypewireError } from '@typewire/core'
import { describe, expect, test } from 'vitest'
import { openFaultLink } from '../../packages/testkit/src/fault-link.ts'
import { hearServers } from '../interop/server-ear.ts'
import { eventually } from '../support/eventually.ts'
import { serve } from '../support/serve.ts'
import { shapes } from './generate-python/contract.ts'
import { generatePython, temporaryFolder } from './generate-python/generate.ts'
import { canSkip, runProgram } from './generate-python/python.ts'

// The client that `typewire generate python` writes, run by Python against a server.

const program = fileURLToPath(new URL('generate-python/scenarios.py', import.meta.url))
const events = 200
const sequence = Array.from({ length: events }, (_, index) => index + 1)

/** A server of the fixture, a link to it that can fail, and the client's program. */
async function start(scenario: string, clock?: FakeClock) {
  const noted: number[] = []
  const added: number[] = []
  const errors: unknown[] = []
  const asked: unknown[] = []
  let slow = 0
  let isHeld = true
  const server = createServer(shapes, {
    authenticate: ({ auth }) => {
      if (auth.name === 'mallory') throw new TypewireError('UNAUTHORIZED', 'Mallory is not let in')
      return { identity: auth.name }
    },
    namespaces: {
      admin: {
        authenticate: ({ auth }) => {
          if (auth.code !== 'right') throw new TypewireError('UNAUTHORIZED', 'the code is wrong')
          return { identity: auth.code }
        },
      },
    },
    maxBufferBytes: 1_000_000,
    ...(clock && { clock, heartbeat: false }),
    onError: (error) => void errors.push(error),
  })
  const forever = (signal: AbortSignal) =>
    new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
  const listening = server.implement({
    procedures: {
      echo: ({ input }) => input,
      work: ({ input, errors: declared }) => {
        if (input.n === 0) throw declared.BUSY({ until: new Date(1_000) })
        if (input.n < 0) throw new Error('secret')
        return input.n * 2
      },
      add: async ({ input, signal }) => {
        added.push(input.n)
        if (input.n < 0 && isHeld) await forever(signal)
        return added.length
      },
      slow: async ({ signal }) => {
        slow++
        await forever(signal)
      },
      import: async ({ input: { items } }) => {
        let sum = 0n
        for await (const item of items) sum += item
        return sum
      },
      list: ({ input }) => ['a', 'b', 'c'].slice(-(input?.last ?? 3)),
    },
    streams: {
      async *count({ input, after, signal }) {
        for (let n = Number(after ?? 0) + 1; input.to < 0 || n <= input.to; n++) {
          yield { n: BigInt(n) }
          if (input.to < 0 && n === 1) await forever(signal)
        }
      },
      async *repeat({ input }) {
        yield* input
      },
    },
    events: {
      note: ({ payload, session }) => {
        if (payload.n > 0) {
          noted.push(payload.n)
          session.emit.notice({ text: `${payload.n} ${'.'.repeat(300)}` })
        } else {
          session.emit.bell()
          void session.emitWithAck.ask({ text: 'Well?' }).then((ack) => asked.push(ack))
        }
      },
      save: ({ payload }) => 2n ** 64n + BigInt([...payload.ids].reduce((a, b) => a + b, 0)),
    },
    rooms: {
      hall: {
        authorize: ({ params }) => params.id !== 'secret',
        history: { limit: 10, authorize: () => true },
        events: {
          say: ({ room, payload }) => room.emit.said({ n: Number.parseInt(payload.text), tags: new Set(['t']) }),
          vote: () => 1,
          typing: () => {},
        },
      },
    },
    namespaces: {
      admin: {
        procedures: {
          ban: ({ session }) => {
            session.emit.audit({ text: 'banned' })
            return true
          },
        },
        rooms: { log: { authorize: () => true } },
      },
    },
  })
  const { port } = await serve(listening, clock)
  const link = await openFaultLink(port)
  const folder = temporaryFolder()
  await generatePython('tests/cli/generate-python/contract.ts', join(folder, 'made'))
  const python = runProgram(program, folder, [scenario, `http://127.0.0.1:${link.port}`])
  return { server, link, python, noted, added, errors, asked, release: () => (isHeld = false), slow: () => slow }
}

describe.skipIf(canSkip)('the generated client in Python', { timeout: 60_000 }, () => {
  test('calls, streams, uploads, joins, hears and opens namespaces (CA-2, CA-5, ST-2, EV-3, RM-3, HI-9, PR-5, NS-2)', async () => {
    const { link, python, server, asked } = await start('basics')
    await using _ = link
    const saw = async (what: string) => {
      const { what: _what, ...rest } = await python.saw(what)
      return rest
    }
    expect(await saw('echo')).toEqual({ differs: [] })
    expect(await saw('typed error')).toEqual({ until: '1970-01-01T00:00:01+00:00', code: 'BUSY' })
    expect(await saw('work')).toEqual({ value: 42 })
    expect(await saw('invalid input')).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: ['n'] }] })
    expect(await saw('internal')).toMatchObject({ code: 'INTERNAL', hasIncident: true })
    expect(await saw('none')).toEqual({ value: ['a', 'b', 'c'] })
    expect(await saw('some')).toEqual({ value: ['b', 'c'] })
    expect(await saw('time limit')).toMatchObject({ code: 'TIMED_OUT', outcome: 'unknown' })
    expect(await saw('cancelled')).toEqual({ is_cancelled: true })
    expect(await saw('stream')).toEqual({ items: true })
    expect(await saw('upload')).toEqual({ value: String(2n ** 60n + 3n) })
    expect(await saw('both ways')).toEqual({ count: 600 })
    await saw('source closed')
    expect(await saw('saved')).toEqual({ value: String(2n ** 64n + 6n) })
    expect(await saw('asked')).toEqual({ text: 'Well?' })
    await eventually(() => asked.length === 1, 'the ack')
    expect(asked).toEqual([{ yes: true, seen: new Set(['it']) }])
    expect(await saw('vote')).toEqual({ value: 1 })
    expect(await saw('heard')).toEqual({ events: [[3, ['t']]] })
    expect(await saw('history')).toEqual({ count: 1, events: [['said', 3]], more: false })
    expect(await saw('left')).toMatchObject({ code: 'FORBIDDEN', outcome: 'not_sent' })
    expect(await saw('refused')).toMatchObject({ code: 'FORBIDDEN' })
    expect(await saw('closed namespace')).toMatchObject({ code: 'FORBIDDEN', outcome: 'not_sent' })
    expect(await saw('wrong code')).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(await saw('banned')).toEqual({ value: true })
    expect(await saw('closed again')).toMatchObject({ code: 'FORBIDDEN' })
    expect(await saw('closed')).toMatchObject({ code: 'CLOSED', outcome: 'not_sent' })
    await python.saw('ended')
    await eventually(() => [...server.sessions].length === 0, 'the session ends with its client')
    expect(python.lines.filter(({ what }) => what === 'error')).toEqual([])
  })

  test('is resumed in the middle of a burst without a loss or a double (RS-8, SQ-3, SQ-4)', async () => {
    const { link, python, noted } = await start('burst')
    await using _ = link
    await python.saw('ready')
    link.cutAfter('up', 20_000)
    link.cutAfter('down', 60_000)
    python.tell('go')
    const done = await python.saw('done')
    expect(done).toMatchObject({
      results: sequence.map((n) => n * 2),
      notices: sequence,
      said: sequence,
      streamed: true,
    })
    expect(noted).toEqual(sequence)
    expect(link.count()).toBe(3)
    await python.saw('ended')
    const states = python.lines.filter(({ what }) => what === 'status').map(({ state }) => state)
    expect(states.filter((state) => state === 'open' || state === 'resumed')).toEqual(['open', 'resumed', 'resumed'])
    expect(python.lines.filter(({ what }) => what === 'error')).toEqual([])
  })

  test('comes back after a lost session, and asks again what is safe to (CA-6, CA-10, ST-9, RM-3, HI-4, NS-6)', async () => {
    const clock = createFakeClock()
    const { link, python, server, added, release, slow } = await start('lost', clock)
    await using _ = link
    await python.saw('ready')
    await eventually(() => added.length === 1 && slow() === 1, 'both calls run')
    release()
    link.refuse()
    link.cut()
    await eventually(() => python.lines.some(({ state }) => state === 'lost'), 'the link is lost')
    await clock.advance(120_001)
    await eventually(() => [...server.sessions].length === 0, 'the session is over')
    link.accept()
    expect(await python.saw('slow')).toMatchObject({ code: 'SESSION_LOST', outcome: 'unknown' })
    expect(await python.saw('added')).toMatchObject({ value: 2 })
    expect(await python.saw('next item')).toMatchObject({ n: 2 })
    expect(await python.saw('after')).toMatchObject({ value: 4 })
    expect(await python.saw('banned')).toMatchObject({ value: true })
    expect(await python.saw('vote')).toMatchObject({ value: 1 })
    server.rooms.hall({ id: 'a' }).emit.said({ n: 9, tags: new Set() })
    expect(await python.saw('said')).toMatchObject({ n: 9 })
    python.tell('end')
    await python.saw('ended')
    expect(slow()).toBe(1)
  })

  test('credentials that are refused are an error that says so (HS-5, HS-9, CL-5)', async () => {
    const heard = hearServers()
    const { link, python } = await start('refused')
    await using _ = link
    expect(await python.saw('refused')).toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('4401'),
    })
    await python.saw('ended')
    expect(link.count()).toBe(1)
    // The hello says from which contract the client was made, as its file does.
    const made = readFileSync(new URL('golden/shapes.py', import.meta.url), 'utf8')
    expect(heard[0]).toMatchObject([0, { contract: /fingerprint ([\w-]+)\./.exec(made)![1] }])
  })
})
