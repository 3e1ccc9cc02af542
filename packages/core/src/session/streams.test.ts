import { describe, expect, it } from 'vitest'
import { FakeClock } from '../util/fake-clock.ts'
import type { ItemFrame } from '../protocol/frames.ts'
import { callLength, type Credit, Inlet, type InletOptions, targetLength } from './inlet.ts'
import { type ItemSource, maxUnreadItems, Outlet, pump } from './outlet.ts'
import { Session } from './session.ts'

const frame = (value: unknown): ItemFrame => [20, 1, 0, value]

function inlet(options: Partial<InletOptions> = {}) {
  const granted: number[] = []
  const told: Credit[] = []
  const left: string[] = []
  const made = new Inlet({
    credit: 4,
    grant(credit) {
      granted.push(credit.upTo)
      told.push(credit)
      return targetLength
    },
    read: ([, , , value]) => value,
    onLeave: () => left.push('left'),
    ...options,
  })
  return { inlet: made, granted, told, left }
}

describe('Inlet', () => {
  it('asks for more when half was read, and for twice as much each time, up to a bound (ST-2)', async () => {
    const { inlet: items, granted } = inlet()
    let sent = 0
    for (let n = 0; n < 2_000; n++) {
      while (sent < (granted.at(-1) ?? 4)) expect(items.push(frame(++sent))).toBeUndefined()
      await items.next()
    }
    expect(granted.slice(0, 5)).toEqual([10, 22, 46, 94, 190])
    const steps = granted.slice(1).map((upTo, index) => upTo - granted[index]!)
    expect(Math.max(...steps)).toBeLessThanOrEqual(256)
  })

  const long = 'x'.repeat(400_000)

  it('asks for more when half of the length was read (ST-2)', async () => {
    const { inlet: items, told } = inlet({ credit: 100 })
    for (let n = 0; n < 9; n++) items.push(frame(n < 5 ? 'short' : long))
    for (let n = 0; n < 9; n++) await items.next()
    // Half of what the call allows; then half of the target, which is two of them.
    expect(told.map(({ read }) => read)).toEqual([6, 8])
    expect(told[1]!.readLength).toBeGreaterThanOrEqual(800_000)
  })

  it('asks for more when it waits and has read a sixteenth of the length, as the peer may measure more (ST-2)', async () => {
    const { inlet: items, told } = inlet({ credit: 100 })
    const [least, less] = [targetLength / 16, callLength / 16 - 20]
    items.push(frame('x'.repeat(less)))
    await items.next()
    void items.next()
    expect(told).toEqual([])
    items.push(frame('x'.repeat(20)))
    expect(told).toEqual([]) // nobody waits
    void items.next()
    expect(told).toMatchObject([{ upTo: 202, read: 2, isAwaited: true }])
    items.push(frame('x'.repeat(least)))
    void items.next()
    expect(told).toMatchObject([{}, { read: 3, isAwaited: true }])
  })

  it('says nothing anew of which nothing was read (ST-2)', async () => {
    const { inlet: items, told } = inlet({ credit: 0, grant: (credit) => (told.push(credit), 0) })
    void items.next()
    void items.next()
    void items.next()
    expect(told).toMatchObject([{ upTo: 2, read: 0 }])
    items.push(frame('a'))
    expect(told).toMatchObject([{}, { upTo: 5, read: 1 }])
  })

  it('says which clause is broken by an item too many (ST-2)', () => {
    const { inlet: items } = inlet()
    for (let n = 0; n < 4; n++) expect(items.push(frame(n))).toBeUndefined()
    expect(items.push(frame(5))).toMatchObject({ close: 'BAD_FRAME', clause: 'ST-2' })
  })

  it('gives what has come, then the end, or the error once', async () => {
    const { inlet: items } = inlet()
    items.push(frame('a'))
    items.fail(new Error('over'))
    expect(await items.next()).toEqual({ done: false, value: 'a' })
    await expect(items.next()).rejects.toThrow('over')
    expect(await items.next()).toEqual({ done: true, value: undefined })
  })

  it('forgets what has come when it is aborted or left, and tells once that it was left', async () => {
    const unread: number[] = []
    const { inlet: items, left } = inlet({ onUnread: (length) => void unread.push(length) })
    items.push(frame('a'))
    items.push(frame('b'))
    const waiting = [items.next(), items.next(), items.next()]
    await items.return()
    await items.return()
    expect(await Promise.all(waiting)).toEqual([
      { done: false, value: 'a' },
      { done: false, value: 'b' },
      { done: true, value: undefined },
    ])
    expect([left, unread]).toEqual([['left'], [12, 12, -12, -12]])
    const other = inlet()
    other.inlet.push(frame('a'))
    other.inlet.abort(new Error('aborted'))
    await expect(other.inlet.next()).rejects.toThrow('aborted')
    expect(other.left).toEqual([])
  })

  it('tells that nothing is kept any more as soon as its reader is told the end', async () => {
    let isForgotten = false
    const { inlet: items } = inlet({ onForgotten: () => (isForgotten = true) })
    items.push(frame('a'))
    items.end()
    await items.next()
    expect(isForgotten).toBe(false)
    await items.next()
    expect(isForgotten).toBe(true)
  })

  it('ends where an item cannot be read, and says so to the peer by leaving', async () => {
    const { inlet: items, left } = inlet({
      read: () => {
        throw new Error('unreadable')
      },
    })
    items.push(frame('a'))
    items.push(frame('b'))
    await expect(items.next()).rejects.toThrow('unreadable')
    expect(await items.next()).toEqual({ done: true, value: undefined })
    expect(left).toEqual(['left'])
  })

  it('counts anew when its call is made again, less what it has not read (ST-9)', async () => {
    const { inlet: items } = inlet()
    for (let n = 0; n < 3; n++) items.push(frame(n))
    await items.next()
    expect(items.restart()).toBe(2)
    expect(items.push(frame(3))).toBeUndefined()
    expect(items.push(frame(4))).toBeUndefined()
    expect(items.push(frame(5))).toMatchObject({ clause: 'ST-2' })
  })

  it('says once more what nobody could be told (ST-9)', async () => {
    let isConnected = false
    const granted: number[] = []
    const grant = ({ upTo }: Credit) => (isConnected && granted.push(upTo) > 0 ? targetLength : undefined)
    const { inlet: items } = inlet({ grant })
    for (let n = 0; n < 4; n++) items.push(frame(n))
    for (let n = 0; n < 3; n++) await items.next()
    items.restart()
    await items.next() // of the call before
    void items.next()
    isConnected = true
    expect(items.push(frame(4))).toBeUndefined()
    void items.next()
    expect(granted).toEqual([1 + 8])
  })
})

function outlet(credit: number, maxBufferBytes = 4_096) {
  const session = new Session(
    { clock: new FakeClock(), maxBufferBytes },
    {
      onFrame: () => undefined,
      onControl: () => undefined,
      onOverflow: () => {},
    },
  )
  const items = new Outlet(1, () => session, credit)
  const late: unknown[] = []
  const sent: unknown[] = []
  const prepare = (item: unknown) => () => {
    sent.push(item)
    items.send(items.frameOf(`,${JSON.stringify(item)}`))
  }
  return {
    session,
    items,
    sent,
    late,
    run: (source: ItemSource) => pump(source, items, prepare, (e) => late.push(e)),
  }
}

/** Numbers, and how their `finally` ran. */
function numbers(end: string[], to = 1_000) {
  return (function* () {
    try {
      for (let n = 1; n <= to; n++) yield n
    } finally {
      end.push('finally')
    }
  })()
}

const turns = async () => {
  for (let n = 0; n < 50; n++) await Promise.resolve()
}

describe('pump', () => {
  it('asks its source for no more than may be sent (ST-2)', async () => {
    const end: string[] = []
    const { items, sent, run } = outlet(3)
    const done = run(numbers(end, 5))
    await turns()
    expect(sent).toEqual([1, 2, 3])
    items.grant([22, 1, 2, 2, 1_000])
    await turns()
    expect(sent).toHaveLength(3)
    items.grant([22, 1, 100, 3, 1_000])
    expect(await done).toBe(true)
    expect([sent, end]).toEqual([[1, 2, 3, 4, 5], ['finally']])
  })

  it('sends while what was not read is no longer than the peer said, as it measures it (ST-2)', async () => {
    const { items, sent, run } = outlet(100, 10_000_000)
    const ten = Array.from({ length: 10 }, (_, n) => `${n}${'x'.repeat(100_000)}`)
    const done = run(ten)
    await turns()
    expect(sent).toHaveLength(3) // the last one is beyond it
    items.grant([22, 1, 100, 1, 100_000])
    await turns()
    expect(sent).toHaveLength(3) // two of them are out
    items.grant([22, 1, 100, 3, 0])
    await turns()
    expect(sent).toHaveLength(4) // one, as all before were read
    items.grant([22, 1, 100, 2, 0])
    await turns()
    expect(sent).toHaveLength(4) // a lower one is no news
    items.grant([22, 1, 100, 1_000, 1_000_000]) // as if all were read
    expect(await done).toBe(true)
    expect(sent).toHaveLength(10)
  })

  it('has so many items out at most that were not read, whatever the peer says (ST-2)', async () => {
    const { items, sent, run } = outlet(1_000_000, 10_000_000)
    items.grant([22, 1, 1_000_000, 0, 1_000_000_000])
    void run(numbers([], 10_000))
    while (sent.length < maxUnreadItems) await turns()
    await turns()
    expect(sent).toHaveLength(maxUnreadItems)
    items.grant([22, 1, 0, 1, 1_000_000_000])
    await turns()
    expect(sent).toHaveLength(maxUnreadItems + 1)
  })

  it('cancels a ReadableStream at once, although it is being read (ST-5)', async () => {
    const cancelled: unknown[] = []
    const { items, run } = outlet(10)
    const source = new ReadableStream({
      pull: () => new Promise(() => {}),
      cancel: (reason) => void cancelled.push(reason),
    })
    const done = run(source)
    await turns()
    items.stop('enough')
    expect(await done).toBe(false)
    expect(cancelled).toEqual(['enough'])
  })

  it('waits until what is kept for the peer is little (ST-6)', async () => {
    const { sent, run } = outlet(10_000)
    void run(numbers([]))
    await turns()
    await turns()
    const { length } = sent
    expect(length).toBeGreaterThan(10)
    expect(length * 13).toBeLessThan(2_048)
    await turns()
    expect(sent).toHaveLength(length)
  })

  it('ends its source when it is stopped, also one that waits, and one that fails in its end (ST-5)', async () => {
    const end: string[] = []
    const { items, run } = outlet(1)
    const done = run(numbers(end))
    await turns()
    items.stop()
    expect(await done).toBe(false)
    expect(end).toEqual(['finally'])

    const other = outlet(1)
    const hanging = {
      [Symbol.iterator]: () => ({
        next: () => new Promise<never>(() => {}) as never,
        return: () => Promise.reject(new Error('late')) as never,
      }),
    }
    void other.run(hanging)
    await turns()
    other.items.stop()
    await turns()
    expect(other.late).toMatchObject([{ message: 'late' }])
  })

  it('throws what its source throws, and does not end it again', async () => {
    const { run } = outlet(10)
    let returns = 0
    const failing = {
      [Symbol.iterator]: () => ({
        next: () => {
          throw new Error('broken')
        },
        return: () => (returns++, { done: true as const, value: undefined }),
      }),
    }
    await expect(run(failing)).rejects.toThrow('broken')
    expect(returns).toBe(0)
  })
})
