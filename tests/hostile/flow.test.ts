import { frames } from '@typewire/core/internal'
import type { RawFrame } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { besideHealthy, closedBy, echo, endOf, receivedBy } from './beside.ts'

failOnUnhandledRejections()

const note = (n: number): RawFrame => [frames.event.kind, 0, 'note', 0, { n }]
const notes = (count: number) => Array.from({ length: count }, (_, n) => note(n))

describe('LM-3: events that nobody waits for', () => {
  test('10,000 in one message are all handled, in order', async () => {
    const heard: number[] = []
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.send(...notes(10_000))
        expect(await receivedBy(peer)).toBe(10_000)
        await eventually(() => heard.length === 10_000, 'all are handled')
        expect(heard).toEqual(Array.from({ length: 10_000 }, (_, n) => n))
        expect(await echo(peer, 1)).toBe('alive')
      },
      { handlers: { events: { note: ({ payload }) => void heard.push(payload.n) } } },
    )
  })

  test('as many as run and 10,000 more may wait; the next one closes the connection', async () => {
    const maxCalls = 64
    let begun = 0
    const hang = () => {
      begun++
      return new Promise(() => {})
    }
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.send(...notes(maxCalls + 10_000))
        expect(await receivedBy(peer)).toBe(maxCalls + 10_000)
        expect(begun).toBe(maxCalls)
        expect(peer.isOpen()).toBe(true)
        peer.send(note(0))
        expect(await endOf(peer)).toEqual(closedBy('OVERFLOW', 'LM-3'))
        expect(begun).toBe(maxCalls)
      },
      { server: { maxCalls }, handlers: { events: { note: hang } } },
    )
  })

  test('one that never ends is ended at the time limit, and the log is told', async () => {
    const signals: AbortSignal[] = []
    await besideHealthy(
      async ({ lab, welcomed }) => {
        const peer = await welcomed()
        peer.send(note(1))
        await eventually(() => signals.length === 1, 'the handler runs')
        await lab.clock.advance(30_010)
        expect(signals[0]!.aborted).toBe(true)
        expect(lab.errors).toEqual([
          {
            error: expect.objectContaining({ code: 'TIMED_OUT' }),
            info: expect.objectContaining({ where: 'event note' }),
          },
        ])
      },
      { handlers: { events: { note: ({ signal }) => (signals.push(signal), new Promise(() => {})) } } },
    )
  })
})

describe('LM-2: calls at once', () => {
  test('maxCalls run; one more is OVERLOADED, closes nothing, and each that ends makes room', async () => {
    const maxCalls = 64
    const finish: ((answer: { doubled: number }) => void)[] = []
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.send(...Array.from({ length: maxCalls + 2 }, (_, n) => [frames.call.kind, n + 1, 'work', 0, { n }]))
        for (const id of [maxCalls + 1, maxCalls + 2]) {
          expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, id, 'OVERLOADED'])
        }
        expect(finish).toHaveLength(maxCalls)
        finish[0]!({ doubled: 7 })
        expect(await peer.read()).toEqual([frames.result.kind, 1, { doubled: 7 }])
        expect(await echo(peer, 1_000)).toBe('alive')
      },
      {
        server: { maxCalls },
        handlers: { procedures: { work: () => new Promise((resolve) => finish.push(resolve)) } },
      },
    )
  })

  test('a cancelled call makes room too', async () => {
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        const calls = Array.from({ length: 64 }, (_, n) => [frames.call.kind, n + 1, 'work', 0, { n }])
        peer.send(...calls, [frames.cancel.kind, 1])
        expect(await echo(peer, 1_000)).toBe('alive')
      },
      { server: { maxCalls: 64 }, handlers: { procedures: { work: () => new Promise(() => {}) } } },
    )
  })

  test('10,000 calls in one message are all answered', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send(...Array.from({ length: 10_000 }, (_, n) => [frames.call.kind, n + 1, 'echo', 0, 'x']))
      const kinds = new Map<unknown, number>()
      for (let n = 0; n < 10_000;) {
        const [kind] = await peer.read()
        if (kind === frames.ack.kind) continue
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
        n++
      }
      expect((kinds.get(frames.result.kind) ?? 0) + (kinds.get(frames.error.kind) ?? 0)).toBe(10_000)
      expect(await echo(peer, 10_001)).toBe('alive')
    })
  })
})

describe('LM-4: rooms', () => {
  test('maxRooms may be joined; one more is OVERLOADED, and leaving one makes room', async () => {
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        const join = (id: number) => [frames.call.kind, id, '$join', 0, { kind: 'hall', params: { id: `${id}` } }]
        peer.send(join(1), join(2), join(3))
        const answers = [await peer.read(), await peer.read(), await peer.read()]
        const refused = answers.find(([kind]) => kind === frames.error.kind)
        expect(refused?.slice(0, 3)).toEqual([frames.error.kind, 3, 'OVERLOADED'])
        peer.send([frames.call.kind, 4, '$leave', 0, { join: 1 }], join(5))
        expect(await peer.read()).toEqual([frames.result.kind, 4])
        expect(await peer.read()).toEqual([frames.result.kind, 5, { room: expect.any(Number) }])
      },
      { server: { maxRooms: 2 } },
    )
  })
})

describe('a peer that never reads', () => {
  test('SQ-6: is closed at the bound of what is kept for it; the healthy one gets everything', async () => {
    const maxBufferBytes = 64 * 1_024
    const text = 'x'.repeat(4_096)
    await besideHealthy(
      async ({ lab, healthy, welcomed }) => {
        let heard = 0
        healthy.on.notice(() => void heard++)
        const peer = await welcomed()
        peer.pause()
        let sent = 0
        while ([...lab.server.sessions].length > 1) {
          expect(sent * text.length).toBeLessThan(2 * maxBufferBytes)
          lab.server.emit.notice({ text })
          sent++
          await eventually(() => heard === sent, 'the healthy one hears it')
        }
        expect(sent * text.length).toBeGreaterThan(maxBufferBytes / 2)
        peer.resume()
        expect(await endOf(peer)).toEqual(closedBy('OVERFLOW', 'SQ-6'))
      },
      { server: { maxBufferBytes } },
    )
  })

  test('SQ-4: one that reads and acknowledges is never closed, however much there is', async () => {
    await besideHealthy(
      async ({ lab, healthy }) => {
        let heard = 0
        healthy.on.notice(() => void heard++)
        for (let sent = 1; sent <= 200; sent++) {
          lab.server.emit.notice({ text: 'x'.repeat(4_096) })
          await eventually(() => heard === sent, 'it is heard')
        }
        expect(lab.session().id).toBeDefined()
      },
      { server: { maxBufferBytes: 16 * 1_024 } },
    )
  })

  test('SQ-6: is closed also when it is its own answers that it does not read', async () => {
    await besideHealthy(
      async ({ lab, welcomed }) => {
        const peer = await welcomed()
        peer.pause()
        const text = 'x'.repeat(1_024)
        peer.send(...Array.from({ length: 100 }, (_, n) => [frames.call.kind, n + 1, 'echo', 0, text]))
        await eventually(() => [...lab.server.sessions].length === 1, 'its session ends')
        peer.resume()
        expect(await endOf(peer)).toEqual(closedBy('OVERFLOW', 'SQ-6'))
      },
      { server: { maxBufferBytes: 64 * 1_024 } },
    )
  })

  test('SQ-7: cannot fill the memory of the server with pings either', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.pause()
      const pings = `[${'[4,0,0],'.repeat(99_999)}[4,0,0]]`
      for (let i = 0; i < 10; i++) peer.sendText(pings)
      peer.sendText('[[17,1,"echo",0,"alive"]]')
      peer.resume()
      expect(await peer.readKind(frames.result.kind)).toEqual([frames.result.kind, 1, 'alive'])
      // A pong may answer all pings before it; a million of them would be 10 MB.
      expect(peer.messages.join('').length).toBeLessThan(1_000_000)
    })
  })

  test('cannot do so by pings of WebSocket itself', async () => {
    await besideHealthy(async ({ lab, welcomed }) => {
      const peer = await welcomed()
      const serverSide = lab.sockets.at(-1)!
      peer.pause()
      const payload = new Uint8Array(125)
      const count = 100_000
      for (let n = 0; n < count; n++) peer.ping(payload)
      // All is read, or the peer was cut off.
      const isRead = () => serverSide.destroyed || serverSide.bytesRead > count * payload.length
      await eventually(isRead, 'the server reads, or cuts')
      // 12 MB were asked for; what is kept for a peer is 4 MiB.
      expect(serverSide.writableLength).toBeLessThan(5 * 1_024 * 1_024)
      peer.cut()
    })
  })

  test('and then reads again gets all that was kept for it, also of frames above the high-water mark', async () => {
    // Enough to fill the buffers of the operating system; each frame alone is more than is written ahead.
    const frame = 'x'.repeat(512 * 1_024)
    const count = 40
    await besideHealthy(
      async ({ lab, welcomed }) => {
        const peer = await welcomed()
        peer.pause()
        const [, session] = lab.server.sessions
        for (let n = 0; n < count; n++) {
          session!.emit.notice({ text: frame })
          await quiet(3)
        }
        peer.resume()
        for (let n = 0; n < count; n++) expect((await peer.read())[0]).toBe(frames.event.kind)
      },
      { server: { maxBufferBytes: 64 * 1_024 * 1_024 } },
    )
  })
})
