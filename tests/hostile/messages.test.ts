import { type FrameName, frameSenders, frames } from '@typewire/core/internal'
import { describe, expect, test } from 'vitest'
import { eventually, quiet } from '../support/eventually.ts'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { besideHealthy, closedBy, echo, endOf, receivedBy } from './beside.ts'

failOnUnhandledRejections()

describe('a message that is no batch closes its connection', () => {
  test.each([
    ['WR-4', 'garbage', 'hello?'],
    ['WR-4', 'truncated JSON', '[[17,1,"echo",0,"x"'],
    ['WR-4', 'an empty message', ''],
    ['WR-4', 'two batches', '[][]'],
    ['WR-4', 'a NaN', '[[17,1,"carry",0,NaN]]'],
    ['WR-4', 'a lone NUL', '\0'],
    ['WR-1', 'an object', '{}'],
    ['WR-1', 'null', 'null'],
    ['WR-1', 'a number', '17'],
    ['WR-1', 'a string', '"[]"'],
    ['FR-1', 'a number among the frames', '[[16],1]'],
    ['FR-1', 'an object among the frames', '[{"0":17}]'],
    ['FR-1', 'null among the frames', '[null]'],
    ['FR-1', 'a string among the frames', '["17"]'],
    ['FR-1', 'a frame without a kind', '[[]]'],
    ['FR-1', 'a kind that is a string', '[["17"]]'],
    ['FR-1', 'a kind that is null', '[[null]]'],
    ['FR-1', 'a negative kind', '[[-1]]'],
    ['FR-1', 'a broken kind', '[[17.5]]'],
    ['FR-1', 'a kind beyond what a number can count', '[[9007199254740992]]'],
    ['FR-1', 'a kind that is a name', '[["__proto__"]]'],
  ])('%s: %s', async (clause, _, text) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText(text)
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', clause))
    })
  })

  test('no frame of a batch is dispatched where one of them is wrong', async () => {
    const ran: unknown[] = []
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.send([frames.event.kind, 0, 'note', 0, { n: 1 }], [frames.event.kind])
        expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'FR-4'))
      },
      { handlers: { events: { note: ({ payload }) => void ran.push(payload) } } },
    )
    expect(ran).toEqual([])
  })

  test('an empty batch is nothing', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText('[]')
      expect(await echo(peer, 1)).toBe('alive')
    })
  })

  test('WR-3: a binary message closes its connection', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendBytes(new TextEncoder().encode('[[17,1,"echo",0,"x"]]'))
      expect(await peer.closed()).toEqual({ code: 4400, reason: expect.stringMatching(/^WR-3: /) })
    })
  })

  test('WR-3: nothing that comes behind a binary message is handled', async () => {
    const ran: unknown[] = []
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.sendBytes(new Uint8Array([1]))
        peer.send([frames.event.kind, 0, 'note', 0, { n: 1 }])
        await peer.closed()
      },
      { handlers: { events: { note: ({ payload }) => void ran.push(payload) } } },
    )
    expect(ran).toEqual([])
  })

  test('WR-4: a text message that is not UTF-8 closes its connection, with 1007 of RFC 6455', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendBytesAsText(new Uint8Array([0x5b, 0xff, 0x5d]))
      expect(await peer.closed()).toMatchObject({ code: 1007 })
    })
  })
})

describe('FR-2: a kind that the server does not know', () => {
  test.each([7, 10, 11, 15])('%i, below 16, is ignored and not counted', async (kind) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([kind], [kind, { any: 'thing' }, [[]]])
      expect(await receivedBy(peer)).toBe(0)
      expect(await echo(peer, 1)).toBe('alive')
    })
  })

  test.each([31, 98, 99, 9007199254740991])('%i, from 16 up, is ignored and counted', async (kind) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([kind], [kind, { any: 'thing' }, [[]]])
      expect(await receivedBy(peer)).toBe(2)
      expect(await echo(peer, 1)).toBe('alive')
    })
  })
})

test('FR-3: elements behind the last one that is known are ignored', async () => {
  await besideHealthy(async ({ welcomed }) => {
    const peer = await welcomed()
    peer.send([frames.call.kind, 1, 'echo', 0, 'hi', 0, 'more', {}, []])
    expect(await peer.read()).toEqual([frames.result.kind, 1, 'hi'])
  })
})

describe('a frame that may not come closes its connection', () => {
  const fromServer = Object.entries(frames).filter(
    ([name]) => frameSenders[name as FrameName] === 'server' && name !== 'drain',
  )
  const elements: Readonly<Record<string, readonly unknown[]>> = {
    welcome: [{}],
    gone: [null],
    left: [1, 'out'],
    joined: [1, 'hall'],
    position: [1, 'e', 1, 0],
    presence: [1, {}],
    closed: ['admin', 'out', 0],
  }

  test.each(fromServer)('%s, which only a server sends', async (name, { kind }) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([kind, ...(elements[name] ?? [])])
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', '(FR-5|HS-3)'))
    })
  })

  test('FR-5: but for drain, which is ignored', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.drain.kind, 0])
      expect(await echo(peer, 1)).toBe('alive')
    })
  })

  test('HS-3: a second hello', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([0, { versions: [1, 1], attempt: 2, instance: 'again', window: 1 }])
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'HS-3'))
    })
  })

  test.each([
    ['ack', [frames.ack.kind, 1]],
    ['ping', [frames.ping.kind, 0, 1]],
    ['pong', [frames.pong.kind, 0, 1]],
  ])('SQ-2: %s that acknowledges what was never sent', async (_, frame) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send(frame)
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'SQ-2'))
    })
  })

  test.each([
    ['result', [frames.result.kind, 7, { yes: true }]],
    ['error', [frames.error.kind, 7, 'NOPE', 'no', 0]],
  ])('CA-4: %s for an id that was never asked', async (_, frame) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send(frame)
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'CA-4'))
    })
  })

  test.each([
    ['twice', [3, 3]],
    ['falling', [3, 2]],
  ])('CA-1: ids of calls that come %s', async (_, [first, second]) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.call.kind, first, 'echo', 0, 'a'], [frames.call.kind, second, 'echo', 0, 'b'])
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'CA-1'))
    })
  })

  test('CA-1: one id of a call and of an event', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.call.kind, 1, 'echo', 0, 'a'])
      peer.send([frames.event.kind, 1, 'save', 0, { n: 1 }])
      expect(await endOf(peer)).toEqual(closedBy('BAD_FRAME', 'CA-1'))
    })
  })
})

describe('what comes late or needlessly is ignored', () => {
  test('CA-5: cancel of what is not running', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.cancel.kind, 0], [frames.cancel.kind, 9007199254740991])
      expect(await echo(peer, 1)).toBe('alive')
      peer.send([frames.cancel.kind, 1])
      expect(await echo(peer, 2)).toBe('alive')
    })
  })

  test('CA-5: cancel ends the handler, twice is once, and no answer comes', async () => {
    const signals: AbortSignal[] = []
    let finish = (_: { doubled: number }) => {}
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.send([frames.call.kind, 1, 'work', 0, { n: 1 }])
        await eventually(() => signals.length > 0, 'the handler runs')
        peer.send([frames.cancel.kind, 1], [frames.cancel.kind, 1])
        await eventually(() => signals[0]!.aborted, 'the handler is told')
        finish({ doubled: 2 })
        expect(await echo(peer, 2)).toBe('alive')
        expect(peer.messages.join()).not.toContain('doubled')
      },
      {
        handlers: {
          procedures: {
            work: ({ signal }) => {
              signals.push(signal)
              return new Promise((resolve) => (finish = resolve))
            },
          },
        },
      },
    )
  })

  test('CA-4: a second answer to what was asked', async () => {
    await besideHealthy(async ({ lab, welcomed }) => {
      const peer = await welcomed()
      const [, session] = lab.server.sessions
      const ack = session!.emitWithAck.ask({ text: 'well?' })
      const [, id] = await peer.readKind(frames.event.kind)
      peer.send([frames.result.kind, id, { yes: true }], [frames.result.kind, id, { yes: false }])
      peer.send([frames.error.kind, id, 'NOPE', 'no', 0])
      expect(await ack).toEqual({ yes: true })
      expect(await echo(peer, 1)).toBe('alive')
    })
  })
})

describe("a client's close frame", () => {
  test('CL-3: ends the session, and nothing behind it is handled', async () => {
    const ran: unknown[] = []
    await besideHealthy(
      async ({ lab, welcomed }) => {
        const peer = await welcomed()
        const [, session] = lab.server.sessions
        peer.send([frames.close.kind, 1000, 'bye', 0], [frames.event.kind, 0, 'note', 0, { n: 1 }])
        peer.send([frames.event.kind, 0, 'note', 0, { n: 2 }])
        await eventually(() => [...lab.server.sessions].every(({ id }) => id !== session!.id), 'the session ends')
        await quiet()
      },
      { handlers: { events: { note: ({ payload }) => void ran.push(payload) } } },
    )
    expect(ran).toEqual([])
  })

  test('CL-3: the server closes a connection whose peer said close and then nothing', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.close.kind, 1000, 'bye', 0])
      expect(await peer.closed()).toMatchObject({ code: expect.any(Number) })
    })
  })
})
