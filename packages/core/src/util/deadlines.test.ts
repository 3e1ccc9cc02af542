import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Deadlines } from './deadlines.ts'
import { FakeClock } from './fake-clock.ts'

/** The longest delay that platforms' timers take: they run longer ones at once. */
const maxTimerMs = 2 ** 31 - 1

function setUp(nowMs = 0) {
  const clock = new FakeClock(nowMs)
  const deadlines = new Deadlines(clock)
  const log: string[] = []
  const set = (ms: number, name: string) => deadlines.set(ms, () => void log.push(`${name} at ${clock.now()}`))
  return { clock, deadlines, log, set }
}

describe('Deadlines', () => {
  it('expires once, after its time, and within eight milliseconds of it', () => {
    const { clock, log, set } = setUp(1_000.3)
    set(100, 'a')
    clock.advance(99.9)
    expect(log).toEqual([])
    clock.advance(8.1)
    expect(log).toHaveLength(1)
    clock.advance(10_000)
    expect(log).toHaveLength(1)
  })

  it('never expires after it was cancelled, and cancelling again is harmless', () => {
    const { clock, log, set } = setUp()
    const deadline = set(100, 'a')
    deadline.cancel()
    deadline.cancel()
    clock.advance(1_000)
    deadline.cancel()
    expect(log).toEqual([])
  })

  it('holds a timer only while something waits', () => {
    const { clock, set } = setUp()
    expect(clock.armed).toBe(0)
    const a = set(100, 'a')
    const b = set(100, 'b')
    expect(clock.armed).toBe(1)
    a.cancel()
    expect(clock.armed).toBe(1)
    b.cancel()
    expect(clock.armed).toBe(0)
    set(100, 'c')
    clock.advance(200)
    expect(clock.armed).toBe(0)
  })

  it('holds one timer, for the earliest', () => {
    const { clock, log, set } = setUp()
    for (const ms of [300, 100, 200]) set(ms, `${ms}`)
    expect(clock.armed).toBe(1)
    clock.advance(400)
    expect(log).toEqual(['100 at 104', '200 at 200', '300 at 304'])
  })

  it('arms anew when the earliest of several is cancelled', () => {
    const { clock, log, set } = setUp()
    const early = set(100, 'early')
    set(300, 'late')
    early.cancel()
    clock.advance(400)
    expect(log).toEqual(['late at 304'])
    expect(clock.armed).toBe(0)
  })

  it('keeps deadlines of one moment apart: each is set, expires and is cancelled by itself', () => {
    const { clock, log, deadlines } = setUp()
    const run = () => void log.push('run')
    deadlines.set(100, run)
    deadlines.set(100, run).cancel()
    deadlines.set(100, run)
    clock.advance(104)
    expect(log).toEqual(['run', 'run'])
  })

  it('expires what is due in the order of time, when its timer is late', () => {
    const { clock, log, set } = setUp()
    set(200, 'b')
    set(100, 'a')
    set(5_000, 'c')
    clock.sleep(1_000)
    clock.advance(0)
    expect(log).toEqual(['a at 1000', 'b at 1000'])
    clock.advance(4_000)
    expect(log).toEqual(['a at 1000', 'b at 1000', 'c at 5000'])
  })

  it('sets deadlines out of the expiry of others', () => {
    const { clock, log, deadlines, set } = setUp()
    deadlines.set(80, () => {
      set(80, 'later')
      set(0, 'now')
    })
    clock.advance(80)
    expect(log).toEqual(['now at 80'])
    clock.advance(80)
    expect(log).toEqual(['now at 80', 'later at 160'])
    expect(clock.armed).toBe(0)
  })

  it('keeps one that is set for now by an expiry that cancels the last of its moment', () => {
    const { clock, log, deadlines, set } = setUp()
    deadlines.set(80, () => {
      second.cancel()
      set(0, 'now')
    })
    const second = set(80, 'cancelled')
    clock.advance(80)
    clock.advance(8)
    expect(log).toEqual(['now at 80'])
  })

  it.each([0, -5, -1_000_000])('expires at the next moment after %d ms, not within the call', (ms) => {
    const { clock, log, set } = setUp(50)
    set(ms, 'a')
    expect(log).toEqual([])
    clock.advance(8)
    expect(log).toHaveLength(1)
  })

  it('does not expire one that is cancelled by another of the same moment', () => {
    const { clock, log, deadlines, set } = setUp()
    deadlines.set(100, () => second.cancel())
    const second = set(100, 'cancelled')
    clock.advance(200)
    expect(log).toEqual([])
  })

  it('does not expire one that is cancelled by another, when the timer is late', () => {
    const { clock, log, deadlines, set } = setUp()
    deadlines.set(100, () => second.cancel())
    const second = set(500, 'cancelled')
    clock.sleep(1_000)
    clock.advance(0)
    expect(log).toEqual([])
  })

  it('expires the others when one throws', () => {
    const { clock, log, deadlines, set } = setUp()
    deadlines.set(100, () => {
      throw new Error('an expiry failed')
    })
    set(100, 'same moment')
    set(200, 'later')
    for (const ms of [104, 100, 100]) swallow(() => clock.advance(ms))
    expect(log.map((line) => line.split(' at ')[0])).toEqual(['same moment', 'later'])
  })

  it('expires the others beside one that is no number', () => {
    const { clock, log, set } = setUp()
    swallow(() => set(Number.NaN, 'never'))
    set(100, 'a')
    set(200, 'b')
    clock.advance(300)
    expect(log).toEqual(['a at 104', 'b at 200'])
  })

  it('never expires after an infinite time, and keeps no timer for it', () => {
    const { clock, log, set } = setUp()
    const deadline = set(Number.POSITIVE_INFINITY, 'never')
    set(100, 'a')
    clock.advance(1_000_000)
    expect(log).toEqual(['a at 104'])
    expect(clock.armed).toBe(0)
    deadline.cancel()
  })

  it('asks for no timer that is longer than a platform takes', () => {
    const { clock, log, set } = setUp()
    set(maxTimerMs * 2, 'far')
    clock.advance(maxTimerMs * 2 - 8)
    expect(log).toEqual([])
    clock.advance(16)
    expect(log).toHaveLength(1)
    expect(Math.max(...clock.asked)).toBeLessThanOrEqual(maxTimerMs)
  })

  it('is never early, at most eight milliseconds late, and expires what was not cancelled, each once', () => {
    const steps = fc.oneof(
      fc.record({ do: fc.constant('set' as const), ms: fc.double({ min: 0, max: 500, noNaN: true }) }),
      fc.record({ do: fc.constant('cancel' as const), index: fc.nat({ max: 30 }) }),
      fc.record({ do: fc.constant('advance' as const), ms: fc.double({ min: 0, max: 200, noNaN: true }) }),
    )
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40, size: 'max' }), (script) => {
        const clock = new FakeClock(123.4)
        const deadlines = new Deadlines(clock)
        const made: { dueMs: number; expired: number[]; cancelledMs: number | undefined; cancel: () => void }[] = []
        for (const step of script) {
          if (step.do === 'advance') clock.advance(step.ms)
          else if (step.do === 'set') {
            const expired: number[] = []
            const deadline = deadlines.set(step.ms, () => void expired.push(clock.now()))
            const cancel = () => deadline.cancel()
            made.push({ dueMs: clock.now() + step.ms, expired, cancelledMs: undefined, cancel })
          } else {
            const one = made[step.index]
            one?.cancel()
            if (one) one.cancelledMs ??= clock.now()
          }
        }
        clock.advance(1_000)
        for (const { dueMs, expired, cancelledMs } of made) {
          // One that is cancelled within its grain may have expired or not.
          const counts = cancelledMs === undefined ? [1] : cancelledMs < dueMs ? [0] : [0, 1]
          expect(counts).toContain(expired.length)
          for (const atMs of expired) expect(atMs >= dueMs - 1e-6 && atMs <= dueMs + 8 + 1e-6).toBe(true)
        }
        expect(clock.armed).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})

function swallow(run: () => unknown): void {
  try {
    run()
  } catch {
    // Whether it throws is not what is tested.
  }
}
