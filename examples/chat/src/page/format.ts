const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' })

export const formatTime = (date: Date): string => timeOfDay.format(date)

export function formatDay(date: Date, now = new Date()): string {
  if (date.toDateString() === now.toDateString()) return 'Today'
  return day.format(date)
}

/** Whole seconds until then, at least 1: `in 0 s` would be a lie. */
export function secondsUntil(timeMs: number, nowMs: number): number {
  return Math.max(1, Math.ceil((timeMs - nowMs) / 1_000))
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const [first = '', last = ''] = name
    .trim()
    .split(/\s+/u)
    .filter((_, index, all) => index === 0 || index === all.length - 1)
  return (letter(first) + letter(last)).toUpperCase()
}

/** The first letter as people see it: one code point or several. */
const letter = (word: string) => new Intl.Segmenter().segment(word)[Symbol.iterator]().next().value?.segment ?? ''
