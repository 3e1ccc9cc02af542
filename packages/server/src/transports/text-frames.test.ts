import type { Writable } from 'node:stream'
import * as ws from 'ws'
import { describe, expect, it } from 'vitest'
import { textFrame, TextFrames } from './text-frames.ts'

// What it reads frames with is not in its types.
const { Receiver } = ws as unknown as { readonly Receiver: new (options: object) => Writable }

/** What ws reads of it. */
function read(...frames: readonly Buffer[]): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const messages: string[] = []
    const receiver = new Receiver({ isServer: false })
    receiver.on('message', (data: Buffer, isBinary: boolean) => {
      if (isBinary) reject(new Error('It is binary.'))
      messages.push(data.toString('utf8'))
      if (messages.length === frames.length) resolve(messages)
    })
    receiver.on('error', reject)
    receiver.end(Buffer.concat(frames))
  })
}

describe('textFrame', () => {
  it.each([0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 200_000])(
    'is read by others: %d bytes',
    async (length) => {
      const text = 'x'.repeat(length)
      expect(await read(textFrame(text), textFrame('next'))).toEqual([text, 'next'])
    },
  )

  it.each(['é'.repeat(62), 'é'.repeat(63), '€'.repeat(41), '😀'.repeat(31), '😀'.repeat(16_384)])(
    'counts bytes, not characters',
    async (text) => {
      expect(await read(textFrame(text), textFrame('next'))).toEqual([text, 'next'])
    },
  )

  it('writes half of a surrogate pair as what stands for such', async () => {
    expect(await read(textFrame('a\ud800b'))).toEqual(['a\ufffdb'])
  })
})

describe('TextFrames', () => {
  it('makes the bytes of what is sent to many once, and of anything else anew', () => {
    const frames = new TextFrames()
    const first = frames.of('[1]')
    expect(frames.of(['[', '1]'].join(''))).toBe(first)
    expect(frames.of('[2]')).toEqual(textFrame('[2]'))
    expect(frames.of('[1]')).not.toBe(first)
  })
})
