import { expect, test } from 'vitest'
import { type Book, changeOf, minuteOf, priceOf, withPrice } from './book.ts'
import { Tape } from './tape.ts'

const listing = { symbol: 'ABLD', name: 'Ablewood Timber', open: 40, price: 42, at: 5_000, history: [41, 42] }
const quote = { symbol: 'ABLD', price: 44, at: 6_000, samples: [] }

test('a book replaces the quote of the price that came, and no other', () => {
  const before: Book = { ABLD: quote, ALDV: { ...quote, symbol: 'ALDV' } }
  const after = withPrice(before, { symbol: 'ABLD', price: 45, at: 7_000 })
  expect(after['ABLD']).toMatchObject({ price: 45, at: 7_000 })
  expect(after['ALDV']).toBe(before['ALDV'])
  expect(before['ABLD']).toBe(quote)
})

test('a book keeps a price each second, for a minute', () => {
  let book: Book = {}
  for (let at = 0; at < 100_000; at += 250) book = withPrice(book, { symbol: 'ABLD', price: at, at })
  const { samples } = book['ABLD']!
  expect(samples.map(({ at }) => at)).toEqual(Array.from({ length: 60 }, (_, index) => (40 + index) * 1_000))
})

test('a row has the price that is newest, whoever told it', () => {
  const row = { listing, historyEndsAt: 5_000, quote }
  expect([priceOf(row), changeOf(row)]).toEqual([44, 44 / 40 - 1])
  expect(priceOf({ ...row, quote: undefined })).toBe(42)
  expect(priceOf({ ...row, quote: { ...quote, at: 4_999 } })).toBe(42) // of a server that is no more
})

test('the minute is what the server told, and what came since', () => {
  const sample = (at: number) => ({ symbol: 'ABLD', price: at / 1_000, at })
  expect(minuteOf(listing, 5_000)).toEqual([41, 42])
  expect(minuteOf(listing, 5_000, [sample(4_000), sample(5_000), sample(6_000)])).toEqual([41, 42, 6])
})

test('a tape puts the past before what has come, and forgets what is older than it shows', () => {
  const tape = new Tape()
  tape.add({ symbol: 'ABLD', price: 40, at: 4_500 })
  tape.add({ symbol: 'ABLD', price: 43, at: 5_500 })
  tape.load({ nowMs: 5_600, historyEndsAt: 5_000, listings: [listing] })
  expect(tape.series('ABLD')).toEqual([
    [4, 5, 5.5],
    [41, 42, 43],
  ])
  expect(tape.newestAt).toBe(5_500)
  for (let at = 6_000; at <= 200_000; at += 100) tape.add({ symbol: 'ABLD', price: at, at })
  const [seconds, prices] = tape.series('ABLD')
  expect(seconds[0]).toBeGreaterThanOrEqual(200 - 90)
  expect(seconds[0]).toBeLessThanOrEqual(200 - 60)
  expect(prices).toHaveLength(seconds.length)
})
