// What all peers send: the same message, and the same with dates in it; and the schemas of those that validate.
import { z } from 'zod'

export const Message = z.object({
  id: z.string(),
  author: z.string(),
  text: z.string().max(2_000),
  sentAtUs: z.number(),
})
export const RichMessage = z.object({
  id: z.string(),
  author: z.string(),
  text: z.string().max(2_000),
  sentAt: z.date(),
  editedAt: z.date(),
})

/** The length of a message as JSON. */
export const messageBytes = 166

const day = 1e12
/** Microseconds of the machine's monotonic clock, which all of its processes share; always 13 digits. */
export function nowUs() {
  const [seconds, nanoseconds] = process.hrtime()
  return day + ((seconds * 1e6 + Math.floor(nanoseconds / 1e3)) % day)
}

const text = 'It is as long as people write, it has no quotes, and it ends here, as things do.'

/** @returns {import('./types.ts').PlainMessage} */
export const messageNow = () => ({ id: 'm_0123456789abcdef', author: 'Ada Lovelace', text, sentAtUs: nowUs() })

/** @returns {import('./types.ts').DatedMessage} */
export const datedMessage = () => ({
  id: 'm_0123456789abcdef',
  author: 'Ada Lovelace',
  text,
  sentAt: new Date(),
  editedAt: new Date(),
})

const length = Buffer.byteLength(JSON.stringify(messageNow()))
if (length !== messageBytes) throw new Error(`The message is ${length} bytes of JSON, not ${messageBytes}.`)
