import { openFaultLink } from '../../packages/testkit/src/fault-link.ts'
import { describe, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startLab } from '../support/lab.ts'
import { canSkip, runPython } from './python.ts'
import { hearServers } from './server-ear.ts'

// A client in another language, which does what PROTOCOL.md says, against the server: the document is enough.

const events = 300
const sequence = Array.from({ length: events }, (_, index) => index + 1)
const padding = '.'.repeat(300)
const files = {
  names: ['a', 'b', 'c'],
  files: [new Uint8Array(10_000).fill(7), new ArrayBuffer(0), Uint8Array.of(1, 2)],
}
/** What is made of more than bytes, or of more than JSON. */
const made = {
  failed: Object.assign(new Error('too far'), { name: 'RangeError' }),
  pattern: /^\d+$/i,
  numbers: [Int16Array.of(1, -2), Float64Array.of(0.5, -0.25), BigInt64Array.of(-5n, 2n ** 40n)],
  icon: new Blob([Uint8Array.of(137, 80)], { type: 'image/png' }),
  notes: new File(['hi'], 'naïve.txt', { lastModified: -5 }),
}

describe.skipIf(canSkip)('a client in Python', { timeout: 60_000 }, () => {
  test('calls, joins, and is resumed in the middle of a burst without a loss (CA-2, PL-8, PL-10, PL-11, PL-12, RM-3, RS-8, SQ-3, SQ-4)', async () => {
    const noted: number[] = []
    const worked: number[] = []
    const said: number[] = []
    let joins = 0
    const lab = await startLab({
      // Far less than what is sent: without acknowledgements of both sides the burst would end the session.
      server: { resume: {}, maxBufferBytes: 65_536 },
      handlers: {
        procedures: {
          work: ({ input, errors }) => {
            if (input.n === 0) throw errors.BUSY({ forMs: 5 })
            worked.push(input.n)
            return { doubled: input.n * 2 }
          },
          carry: ({ input }) => (input === 'files' ? files : input === 'made' ? made : input),
          brief: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve())),
        },
        events: {
          note: ({ session, payload }) => {
            noted.push(payload.n)
            session.emit.notice({ text: `${payload.n} ${padding}` })
          },
        },
        rooms: {
          hall: {
            authorize: () => ++joins > 0,
            events: {
              say: ({ room, payload }) => {
                said.push(Number(payload.text.split(' ')[0]))
                room.emit.said(payload)
              },
              vote: () => ({ count: 1 }),
            },
          },
        },
      },
    })
    await using link = await openFaultLink(lab.port)
    const python = runPython('burst', link.port)

    expect(await python.saw('result')).toMatchObject({ value: { doubled: 42 } })
    expect(await python.saw('typed error')).toMatchObject({ code: 'BUSY', data: { forMs: 5 } })
    expect(await python.saw('invalid input')).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: ['n'] }] })
    expect(await python.saw('time limit')).toMatchObject({ code: 'TIMED_OUT', outcome: 'unknown' })
    expect(await python.saw('carried')).toMatchObject({
      same: true,
      at: '2026-01-31 12:00:00+00:00',
      none: 'UNDEFINED',
    })
    expect(await python.saw('bytes')).toMatchObject({
      names: ['a', 'b', 'c'],
      sizes: [10_000, 0, 2],
      sums: [70_000, 0, 3],
    })
    expect(await python.saw('made')).toMatchObject({
      value: {
        failed: { name: 'RangeError', message: 'too far' },
        pattern: '/^\\d+$/i',
        numbers: [
          [1, -2],
          [0.5, -0.25],
          [-5, 2 ** 40],
        ],
        icon: { bytes: [137, 80], type: 'image/png' },
        notes: { bytes: [104, 105], type: '', name: 'naïve.txt', modified: -5 },
      },
    })
    expect(await python.saw('carried alone')).toMatchObject({ same: true })
    expect(await python.saw('joined')).toMatchObject({ vote: { count: 1 } })

    link.cutAfter('up', 30_000)
    link.cutAfter('down', 120_000)
    lab.session().emit.notice({ text: '0' })
    lab.server.rooms.hall({ id: 'a' }).emit.said({ text: '0' })
    await eventually(() => link.count() >= 2, 'the first cut')
    const asked = lab.session().emitWithAck.ask({ text: 'Well?' })
    void asked.catch(() => {}) // where the test fails before it is awaited

    const done = await python.saw('done')
    expect(done).toMatchObject({
      results: sequence.map((n) => n * 2),
      notice: [0, ...sequence],
      said: [0, ...sequence],
    })
    expect(await asked).toEqual({ yes: true })
    expect(noted).toEqual(sequence)
    expect(said).toEqual(sequence)
    expect(worked).toEqual([21, ...sequence])
    expect([joins, link.count(), python.count('welcome')]).toEqual([1, 3, 3])
    expect(python.lines.filter(({ what }) => what === 'welcome').map(({ resumed }) => resumed)).toEqual([
      false,
      true,
      true,
    ])
    await python.saw('ended')
    await eventually(() => [...lab.server.sessions].length === 0, 'the session ends with its client')
    expect(lab.errors).toEqual([])
  })

  test('answered gone, it has a new session on the same connection, and stops when it is told to (HS-8, RS-3, CL-5)', async () => {
    const lab = await startLab({
      server: { resume: {} },
      handlers: {
        procedures: {
          echo: ({ input }) => (input === 'never answered' ? new Promise<string>(() => {}) : input),
        },
      },
    })
    await using link = await openFaultLink(lab.port)
    const python = runPython('lost', link.port)
    await python.saw('first')
    const before = lab.session()
    before.emit.notice({ text: 'spoil' })
    await python.saw('spoiled')
    link.cut()

    expect(await python.saw('gone')).toBeTruthy()
    expect(await python.saw('lost call')).toMatchObject({ code: 'SESSION_LOST', outcome: 'unknown' })
    expect(await python.saw('second')).toMatchObject({ value: 'two' })
    expect([link.count(), python.count('welcome')]).toEqual([2, 2])
    // Nobody with a wrong secret can do anything to the session that it asked for.
    expect([...lab.server.sessions].map(({ id }) => id)).toContain(before.id)

    for (const session of lab.server.sessions) session.close('enough')
    await python.saw('ended')
    expect(python.lines.at(-2)).toMatchObject({ what: 'lost', code: 4000, final: true })
    expect(link.count()).toBe(2)
  })

  test('answers heartbeats, gives a silent server up, and is resumed (HB-1, HB-2, SQ-7)', async () => {
    const heard = hearServers()
    const lab = await startLab({ server: { resume: {}, heartbeat: { intervalMs: 800, timeoutMs: 800 } } })
    await using link = await openFaultLink(lab.port)
    const python = runPython('silent', link.port)
    await python.saw('first')
    const pongs = () => heard.filter(([kind]) => kind === 5)
    for (let interval = 1; interval <= 3; interval++) {
      await lab.clock.advance(800)
      await python.saw('ping')
      await eventually(() => pongs().length === interval, 'the pong')
    }
    // By then the client has sent one counted frame, the call, and received one, its result.
    expect(pongs()[0]).toEqual([5, 1, 1])
    expect(python.count('welcome')).toBe(1)

    link.freeze()
    expect(await python.saw('lost')).toMatchObject({ code: 4410, final: false })
    link.thaw()
    expect(await python.saw('welcome')).toMatchObject({ resumed: false })
    expect(await python.saw('welcome')).toMatchObject({ resumed: true })
    lab.session().emit.notice({ text: 'still there' })
    expect(await python.saw('called')).toMatchObject({ value: 'still there' })
  })
})
