import { getEventListeners } from 'node:events'
import type { Clock } from '@typewire/core'
import { type EventFrame, type Frame, parseBatch, type RoomEventFrame, Session } from '@typewire/core/internal'
import { describe, expect, it, vi } from 'vitest'
import { OwedAcks } from './connection/owed-acks.ts'
import { richTypes } from './parts/rich-types.ts'
import { EventHandlers, handleEvent } from './event-handlers.ts'

function setUp() {
  const onError = vi.fn<(error: unknown) => void>()
  const handlers = new EventHandlers(onError)
  const heard: unknown[] = []
  const hear = (name: string) => (payload: unknown) => void heard.push([name, payload])
  return { handlers, onError, heard, hear }
}

/** A session whose messages are kept, for the answers to events. */
function setUpAcks() {
  const messages: string[] = []
  const turns: (() => void)[] = []
  const clock: Clock = { now: () => 0, after: () => () => {}, endOfTurn: (run) => void turns.push(run) }
  const none = () => undefined
  const session = new Session({ clock, maxBufferBytes: 1e6 }, { onFrame: none, onControl: none, onOverflow: none })
  session.attach(
    { name: 'test', send: (batch) => void messages.push(batch), bufferedBytes: () => 0, close: none },
    { peerReceived: 0, peerFrom: 0, peerWindow: 1e6, peerMaxMessageBytes: 1e6 },
  )
  const acks = new OwedAcks(session)
  const peer = { acks, codec: richTypes.codec }
  /** What was answered, once the promises that handlers gave have settled. */
  const answers = async (): Promise<Frame[]> => {
    await new Promise(setImmediate)
    for (const run of turns.splice(0)) run()
    return messages.splice(0).flatMap((message) => parseBatch(message) as Frame[])
  }
  return { ...setUp(), acks, peer, answers }
}

function answersTo(handlers: EventHandlers, name: string): readonly unknown[] {
  const answers: Parameters<EventHandlers['run']>[2] = []
  handlers.run(name, 0, answers)
  return answers
}

describe('EventHandlers.on', () => {
  it('hears its event, with the payload, in the order of registration', () => {
    const { handlers, heard, hear } = setUp()
    handlers.on('notice', hear('a'))
    handlers.on('notice', hear('b'))
    handlers.on('other', hear('c'))
    handlers.run('notice', 5, [])
    expect(heard).toEqual([
      ['a', 5],
      ['b', 5],
    ])
  })

  it('ends by what it returns, which can be called again', () => {
    const { handlers, heard, hear } = setUp()
    const off = handlers.on('notice', hear('a'))
    handlers.on('notice', hear('b'))
    off()
    off()
    handlers.run('notice', 1, [])
    expect(heard).toEqual([['b', 1]])
  })

  it('ends by using', () => {
    const { handlers, heard, hear } = setUp()
    {
      using _ = handlers.on('notice', hear('a'))
    }
    handlers.run('notice', 1, [])
    expect(heard).toEqual([])
  })

  it('ends by its signal, and takes nothing from one that has aborted', () => {
    const { handlers, heard, hear } = setUp()
    const controller = new AbortController()
    handlers.on('notice', hear('a'), { signal: controller.signal })
    controller.abort()
    handlers.on('notice', hear('b'), { signal: controller.signal })()
    handlers.run('notice', 1, [])
    expect(heard).toEqual([])
  })

  it('leaves no listener at its signal when it ends otherwise', () => {
    const { handlers, hear } = setUp()
    const { signal } = new AbortController()
    handlers.on('notice', hear('a'), { signal })()
    handlers.on('notice', hear('b'), { signal, once: true })
    handlers.run('notice', 1, [])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  it('hears once where it is asked to, also when its handler runs the event again', () => {
    const { handlers, heard, hear } = setUp()
    handlers.on(
      'notice',
      (payload) => {
        hear('once')(payload)
        handlers.run('notice', 2, [])
      },
      { once: true },
    )
    handlers.run('notice', 1, [])
    handlers.run('notice', 3, [])
    expect(heard).toEqual([['once', 1]])
  })

  it.each([undefined, null, 'notice', {}])('refuses a handler that is no function: %j', (handler) => {
    const { handlers } = setUp()
    expect(() => handlers.on('notice', handler as never)).toThrow(
      new TypeError('on.notice(handler): the handler is not a function.'),
    )
  })
})

describe('EventHandlers.run', () => {
  it('gathers what each handler answers, and what it throws', () => {
    const { handlers } = setUp()
    const error = new Error('a handler failed')
    handlers.on('notice', () => 1)
    handlers.on('notice', () => {
      throw error
    })
    handlers.on('notice', () => undefined)
    expect(answersTo(handlers, 'notice')).toEqual([{ value: 1 }, { error }, { value: undefined }])
    expect(answersTo(handlers, 'toString')).toEqual([])
  })
})

describe('handleEvent', () => {
  const event = (id: number, ...rest: readonly unknown[]) => [24, id, 'notice', 0, ...rest] as unknown as EventFrame

  it('gives the payload to every handler of every group, with its rich values', () => {
    const { handlers, peer, onError, heard, hear } = setUpAcks()
    const others = new EventHandlers(onError)
    handlers.on('notice', hear('a'))
    others.on('notice', hear('b'))
    const frame = [25, 0, 17, 'notice', 0, { at: '1970-01-01T00:00:00.005Z' }, { at: ['Date'] }] as RoomEventFrame
    expect(handleEvent(frame, [handlers, others], peer, onError)).toBeUndefined()
    const payload = { at: new Date(5) }
    expect(heard).toEqual([
      ['a', payload],
      ['b', payload],
    ])
  })

  it('answers nothing where no ack is asked for', async () => {
    const { handlers, acks, peer, onError, answers } = setUpAcks()
    handlers.on('notice', () => 5)
    handleEvent(event(0), [handlers], peer, onError)
    handleEvent(event(0), [], peer, onError)
    expect(await answers()).toEqual([])
    expect(acks.size).toBe(0)
  })

  it('answers with what the first handler gives (EV-3)', async () => {
    const { handlers, acks, peer, onError, answers } = setUpAcks()
    handlers.on('notice', async () => new Date(5))
    handlers.on('notice', () => 'the second')
    handleEvent(event(1), [handlers], peer, onError)
    expect(await answers()).toEqual([[18, 1, '1970-01-01T00:00:00.005Z', ['Date']]])
    expect(acks.size).toBe(0)
  })

  it('answers with nothing where a receipt is asked for, whatever the handler gives (EV-2)', async () => {
    const { handlers, peer, onError, answers } = setUpAcks()
    handlers.on('notice', () => () => 'what cannot travel')
    handleEvent([24, 1, 'notice', { receipt: true }], [handlers], peer, onError)
    expect(await answers()).toEqual([[18, 1]])
  })

  it('answers at once where there is no handler', async () => {
    const { handlers, peer, onError, answers } = setUpAcks()
    handleEvent(event(1), [handlers], peer, onError)
    expect(await answers()).toEqual([[19, 1, 'NO_HANDLER', 'Event notice: the client has no handler for it.', 0]])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('secret')
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
    ['answers with what cannot travel', () => () => {}],
  ])('tells an incident, and no more, where the first handler %s', async (_, handler) => {
    const { handlers, peer, onError, answers } = setUpAcks()
    handlers.on('notice', handler)
    handleEvent(event(1), [handlers], peer, onError)
    const [answer] = await answers()
    expect(answer?.slice(0, 3)).toEqual([19, 1, 'INTERNAL'])
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(onError).toHaveBeenCalledTimes(1)
  })

  it('gives the errors of every handler to onError, and runs them all', async () => {
    const { handlers, peer, onError, answers, heard, hear } = setUpAcks()
    const errors = [new Error('first'), new Error('second')]
    handlers.on('notice', hear('a'))
    handlers.on('notice', () => {
      throw errors[0]
    })
    handlers.on('notice', () => Promise.reject(errors[1]))
    handlers.on('notice', hear('b'))
    handleEvent(event(1, 'x'), [handlers], peer, onError)
    expect(await answers()).toEqual([[18, 1]])
    expect(heard).toEqual([
      ['a', 'x'],
      ['b', 'x'],
    ])
    expect(onError.mock.calls.map(([error]) => error)).toEqual(errors)
  })

  it('refuses a payload that cannot be read, and runs no handler', async () => {
    const { handlers, peer, onError, answers, heard, hear } = setUpAcks()
    handlers.on('notice', hear('a'))
    handleEvent(event(1, null, { a: ['Date'] }), [handlers], peer, onError)
    handleEvent(event(0, null, { a: ['Date'] }), [handlers], peer, onError)
    expect((await answers()).map((answer) => answer.slice(0, 3))).toEqual([[19, 1, 'INVALID_INPUT']])
    expect(heard).toEqual([])
    expect(onError).toHaveBeenCalledTimes(2)
    expect(String(onError.mock.calls[1]?.[0])).toMatch(/Event notice: /)
  })

  it('says which clause an id breaks (CA-1)', () => {
    const { handlers, peer, onError, heard, hear } = setUpAcks()
    handlers.on('notice', hear('a'))
    handleEvent(event(2), [handlers], peer, onError)
    expect(handleEvent(event(2), [handlers], peer, onError)).toMatchObject({ clause: 'CA-1' })
    expect(heard).toHaveLength(1)
  })

  it('answers nothing when the session is over before the handler is', async () => {
    const { handlers, acks, peer, onError, answers } = setUpAcks()
    let finish: (value: string) => void = () => {}
    handlers.on('notice', () => new Promise<string>((resolve) => (finish = resolve)))
    handleEvent(event(1), [handlers], peer, onError)
    acks.cancelAll()
    finish('too late')
    expect(await answers()).toEqual([])
    expect(onError).not.toHaveBeenCalled()
  })
})
