const msPerDay = 86_400_000
const msPerMinute = 60_000

/** `"2026-11-21T` of the day that was asked for last: dates of one payload are mostly of one day, or a few. */
let lastDay = Number.NaN
let lastDayText = ''
/** `09:30:` by the minute of the day, `15` by the second of the minute, `.005Z"` by the millisecond of the second. */
const minuteTexts: string[] = []
const secondTexts: string[] = []
const millisecondTexts: string[] = []

/**
 * A text, and behind it `JSON.stringify` of a date that is valid, in a tenth of the time of `toISOString` alone, which takes
 * 700 ns (Node 20, 2026-11-28): with it a payload of many dates could not be encoded at twice the cost of one without.
 */
export function withIsoJson(text: string, ms: number): string {
  const day = Math.floor(ms / msPerDay)
  const msOfDay = (ms - day * msPerDay) | 0
  const minute = (msOfDay / msPerMinute) | 0
  const second = ((msOfDay / 1_000) | 0) % 60
  const millisecond = msOfDay % 1_000
  const minuteText = (minuteTexts[minute] ??= `${padded(Math.floor(minute / 60))}:${padded(minute % 60)}:`)
  const secondText = (secondTexts[second] ??= padded(second))
  const millisecondText = (millisecondTexts[millisecond] ??= `.${padded(millisecond, 3)}Z"`)
  // Piece by piece: a text of its own, put together first, takes 20 ns more.
  return text + dayText(day) + minuteText + secondText + millisecondText
}

/**
 * The same of many, with commas between them, in 20 ns each in place of 60: all are written as bytes and read as one text.
 * To make a text of bytes takes 1 µs, so it is for no fewer than `leastDates`.
 */
export function isoJsonOfAll(dates: readonly Date[]): string {
  const bytes = new Uint8Array(dates.length * maxLength)
  let end = 0
  for (const date of dates) {
    const ms = date.getTime()
    const day = Math.floor(ms / msPerDay)
    const text = dayText(day)
    for (let i = 0; i < text.length; i++) bytes[end++] = text.charCodeAt(i)
    const msOfDay = (ms - day * msPerDay) | 0
    end = writeTwo(bytes, end, (msOfDay / 3_600_000) | 0, ':')
    end = writeTwo(bytes, end, ((msOfDay / msPerMinute) | 0) % 60, ':')
    end = writeTwo(bytes, end, ((msOfDay / 1_000) | 0) % 60, '.')
    const millisecond = msOfDay % 1_000
    bytes[end++] = digit + ((millisecond / 100) | 0)
    end = writeTwo(bytes, end, millisecond % 100, 'Z')
    bytes[end++] = quote
    bytes[end++] = comma
  }
  return decoder.decode(bytes.subarray(0, end - 1))
}

export const leastDates = 16

/** With its quotes and the comma, where the year has six digits and a sign. */
const maxLength = '"+275760-09-13T00:00:00.000Z",'.length
const decoder = new TextDecoder()
const [digit, quote, comma] = [0x30, 0x22, 0x2c]

function writeTwo(bytes: Uint8Array, at: number, number: number, behind: string): number {
  const tens = (number / 10) | 0
  bytes[at] = digit + tens
  bytes[at + 1] = digit + number - 10 * tens
  bytes[at + 2] = behind.charCodeAt(0)
  return at + 3
}

function dayText(day: number): string {
  if (day === lastDay) return lastDayText
  lastDay = day
  return (lastDayText = `"${new Date(day * msPerDay).toISOString().slice(0, -'09:30:00.005Z'.length)}`)
}

const padded = (number: number, length = 2) => String(number).padStart(length, '0')
