import { describe, expect, it } from 'vitest'
import { encodeContainer } from '../codec/container.ts'
import { UnreadPayload } from '../codec/parts.ts'
import { decodePayload, encodePayload } from '../codec/payload.ts'
import { parseBinaryMessage } from './binary-message.ts'
import { type FrameEntry, type FrameName, frames, type ResultFrame } from './frames.ts'
import { goldenContainer, goldenFrames, goldenPayloads, withBlobsRead } from './golden.ts'
import { parseHello, parseWelcome } from './handshake.ts'
import { parseBatch } from './parse.ts'

const names = Object.keys(frames) as FrameName[]
const rows = names.flatMap((name) =>
  goldenFrames[name].map(({ meaning, text, frame }) => ({ name, meaning, text, frame })),
)

describe('goldenFrames', () => {
  it.each(names)('has an example of every kind, and of no other: %s', (name) => {
    expect(goldenFrames[name].map(({ frame }) => frame[0])).toContain(frames[name].kind)
    expect(new Set(goldenFrames[name].map(({ frame }) => frame[0])).size).toBe(1)
    expect(Object.keys(goldenFrames)).toEqual(names)
  })

  it.each(rows)('parseBatch reads $text', ({ text, frame }) => {
    expect(parseBatch(`[${text}]`)).toEqual([frame])
  })

  it.each(rows)('is what JSON.stringify writes: $text', ({ text, frame }) => {
    expect(JSON.stringify(frame)).toBe(text)
  })

  it('parseBatch reads all of them in one batch, in order (WR-1)', () => {
    expect(parseBatch(`[${rows.map(({ text }) => text).join()}]`)).toEqual(rows.map(({ frame }) => frame))
  })

  it.each(rows)('parseBatch ignores elements behind the last that it knows: $text (FR-3)', ({ text, frame }) => {
    const elements = Object.values(
      (Object.values(frames) as FrameEntry[]).find(({ kind }) => kind === frame[0])!.elements,
    )
    const fillers = Array.from({ length: elements.length + 3 - frame.length }, () => null)
    const longer = [...frame, ...fillers, { new: 'element' }]
    expect(parseBatch(`[${JSON.stringify(longer)},${text}]`)).toEqual([longer, frame])
  })

  it.each(goldenFrames.hello)('parseHello reads: $meaning', ({ frame }) => {
    expect(parseHello(frame[1] as unknown as Record<string, unknown>)).toBe(frame[1])
  })

  it.each(goldenFrames.welcome)('parseWelcome reads: $meaning', ({ frame }) => {
    expect(parseWelcome(frame[1] as unknown as Record<string, unknown>)).toBe(frame[1])
  })
})

describe('goldenPayloads', () => {
  it.each(goldenPayloads)('encodePayload writes: $meaning (PL-2, PL-8)', async ({ text, parts, value, from }) => {
    const payload = encodePayload(value, { from: from ?? 'client' })
    const read = payload instanceof UnreadPayload ? await payload.read() : payload
    expect(read).toEqual(parts ? { text, parts } : text)
  })

  it.each(goldenPayloads)('decodePayload reads: $meaning (PL-2, PL-8)', async ({ text, parts, value, from }) => {
    const [frame] = parseBatch(`[[18,1${text}]]`, parts) as ResultFrame[]
    const decoded = decodePayload(frame![2], frame![3], from)
    expect(await withBlobsRead(decoded)).toStrictEqual(await withBlobsRead(value))
  })
})

describe('goldenContainer', () => {
  const { batch, parts, pieces } = goldenContainer
  const bytes = Uint8Array.from(pieces.flatMap((piece) => [...piece.bytes]))

  it('is what encodeContainer writes (WR-8)', () => {
    expect(encodeContainer(batch, parts)).toEqual(bytes)
  })

  it('is read by parseBinaryMessage, and its batch by parseBatch (WR-8)', () => {
    expect(parseBinaryMessage(bytes)).toEqual({ batch, parts })
    const [frame] = parseBatch(batch, parts) as ResultFrame[]
    expect(decodePayload(frame![2], frame![3])).toEqual(parts)
  })
})
