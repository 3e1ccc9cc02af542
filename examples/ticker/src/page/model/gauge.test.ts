import { describe, expect, test } from 'vitest'
import { Gauge } from './gauge.ts'

/** A gauge whose time is the test's: the server's clock is `aheadMs` ahead. */
function open({ aheadMs = 10_000 } = {}) {
  let now = 0
  const gauge = new Gauge(() => now)
  const price = (ageMs = 0) => gauge.came({ symbol: 'ABLD', price: 1, at: now + aheadMs - ageMs })
  const read = (made: number, conflated = 0) => gauge.read({ at: now + aheadMs, rate: 1_000, made, conflated })
  return { gauge, price, read, goTo: (ms: number) => (now = ms) }
}

describe('Gauge', () => {
  test('knows no rate before the second figures', () => {
    const { read } = open()
    expect(read(500)).toMatchObject({ madePerSecond: undefined, receivedPerSecond: undefined, ageMs: undefined })
  })

  test('tells what was made, came, was replaced and drawn in each of the last three seconds', () => {
    const { gauge, price, read, goTo } = open()
    read(0)
    for (let second = 1; second <= 10; second++) {
      goTo(second * 1_000)
      for (let count = 0; count < 60; count++) price()
      for (let count = 0; count < 5; count++) gauge.drew()
      const reading = read(second * 100, second * 40)
      expect(reading).toMatchObject({ madePerSecond: 100, receivedPerSecond: 60, conflatedPerSecond: 40 })
      expect(reading).toMatchObject({ rendersPerSecond: 5, conflated: second * 40 })
    }
    goTo(13_000)
    expect(read(1_000, 400)).toMatchObject({ madePerSecond: 0, receivedPerSecond: 0, conflatedPerSecond: 0 })
  })

  test('takes no rate over a time in which it heard nothing', () => {
    const { gauge, price, read, goTo } = open()
    read(0)
    goTo(1_000)
    for (let count = 0; count < 60; count++) price()
    read(1_000)
    gauge.forget() // the connection is lost
    goTo(31_000)
    expect(read(31_000)).toMatchObject({ madePerSecond: undefined, receivedPerSecond: undefined, ageMs: undefined })
    goTo(32_000)
    for (let count = 0; count < 60; count++) price()
    expect(read(32_000)).toMatchObject({ madePerSecond: 1_000, receivedPerSecond: 60 })
  })

  test('begins anew where another session or server counts from its beginning', () => {
    const { read, goTo } = open()
    read(5_000, 100)
    goTo(1_000)
    expect(read(500, 0)).toMatchObject({ madePerSecond: undefined, conflatedPerSecond: undefined, conflated: 0 })
    goTo(2_000)
    expect(read(1_500, 7)).toMatchObject({ madePerSecond: 1_000, conflatedPerSecond: 7 })
  })

  test('tells the age of the newest price by the server’s clock, of the freshest of the last draws', () => {
    const { gauge, price, read, goTo } = open()
    goTo(100)
    gauge.setClock(10_080, 60) // asked at 60, answered half way
    goTo(5_000)
    price(800)
    gauge.drew()
    price(12)
    gauge.drew()
    expect(read(1).ageMs).toBe(12)
    goTo(6_600)
    expect(read(2).ageMs).toBeUndefined()
  })

  test('believes the quickest answer about the clock, and no clock by which figures come before they are sent', () => {
    const { gauge, price, read, goTo } = open({ aheadMs: 0 })
    goTo(1_000)
    gauge.setClock(1_000, 980) // ahead by 10
    gauge.setClock(9_000, 0) // slower
    price()
    gauge.drew()
    expect(read(1).ageMs).toBe(10)
    goTo(2_000)
    gauge.read({ at: 2_050, rate: 1_000, made: 2, conflated: 0 }) // so it is ahead by 50 at least
    price()
    gauge.drew()
    goTo(3_400)
    expect(read(3).ageMs).toBe(50)
  })
})
