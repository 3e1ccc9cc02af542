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
 * `JSON.stringify(date)` of a date that is valid, in a tenth of the time of `toISOString` alone, which takes 700 ns (Node
 * 20, 2026-11-28): with it a payload of many dates could not be encoded at twice the cost of one without.
 */
export function isoJson(date: Date): string {
  const ms = date.getTime()
  const day = Math.floor(ms / msPerDay)
  if (day !== lastDay) {
    lastDay = day
    lastDayText = `"${date.toISOString().slice(0, -'09:30:00.005Z'.length)}`
  }
  const msOfDay = (ms - day * msPerDay) | 0
  const minute = (msOfDay / msPerMinute) | 0
  const second = ((msOfDay / 1_000) | 0) % 60
  const millisecond = msOfDay % 1_000
  const minuteText = (minuteTexts[minute] ??= `${padded(Math.floor(minute / 60))}:${padded(minute % 60)}:`)
  const secondText = (secondTexts[second] ??= padded(second))
  const millisecondText = (millisecondTexts[millisecond] ??= `.${padded(millisecond, 3)}Z"`)
  return lastDayText + (minuteText + secondText) + millisecondText
}

const padded = (number: number, length = 2) => String(number).padStart(length, '0')
