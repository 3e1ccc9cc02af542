import { describe, expect, it } from 'vitest'
import { SendBuffer } from './send-buffer.ts'

/** A buffer that was given these texts. */
function bufferOf(...texts: readonly string[]): SendBuffer {
  const buffer = new SendBuffer()
  for (const text of texts) buffer.push({ text })
  return buffer
}

/** What the connection is given next, in a message of at most so much. */
function take(buffer: SendBuffer, length = 1_000): string[] {
  const texts: string[] = []
  buffer.take(texts, length)
  return texts
}

const textsAfter = (buffer: SendBuffer, number: number) => buffer.after(number).map(({ text }) => text)

describe('SendBuffer', () => {
  it('numbers frames from 1, also those behind acknowledged ones', () => {
    const buffer = new SendBuffer()
    expect(buffer.push({ text: 'a' })).toBe(1)
    expect(buffer.push({ text: 'b' })).toBe(2)
    take(buffer)
    buffer.acknowledge(2)
    expect(buffer.push({ text: 'c' })).toBe(3)
  })

  it('gives each frame once, in order', () => {
    const buffer = bufferOf('a', 'b')
    expect(buffer.hasUnwritten).toBe(true)
    expect(take(buffer)).toEqual(['a', 'b'])
    expect(buffer.hasUnwritten).toBe(false)
    expect(take(buffer)).toEqual([])
    buffer.push({ text: 'c' })
    expect(take(buffer)).toEqual(['c'])
    expect(buffer.written).toBe(3)
  })

  it('gives no more than fits, but one frame at least', () => {
    const buffer = bufferOf('aaaa', 'bbbb', 'cccc')
    expect(take(buffer, '[aaaa,bbbb]'.length)).toEqual(['aaaa', 'bbbb'])
    expect(take(buffer, 3)).toEqual(['cccc'])
    expect(take(bufferOf('aaaa', 'bbbb'), '[aaaa,bbbb]'.length - 1)).toEqual(['aaaa'])
    expect(take(bufferOf('aaaa'), -2)).toEqual(['aaaa'])
  })

  it('puts frames behind texts that are there already, and counts those', () => {
    const buffer = bufferOf('aaaa', 'bbbb')
    const texts = ['control']
    buffer.take(texts, '[control,aaaa]'.length)
    expect(texts).toEqual(['control', 'aaaa'])
    buffer.take(texts, '[control,aaaa,bbbb]'.length - 1)
    expect(texts).toEqual(['control', 'aaaa'])
    expect(buffer.written).toBe(1)
  })

  it('keeps what is written until it is acknowledged', () => {
    const buffer = bufferOf('a', 'bb', 'ccc')
    take(buffer)
    expect(buffer.length).toBe(6)
    buffer.acknowledge(2)
    expect(buffer.length).toBe(3)
    expect(textsAfter(buffer, 0)).toEqual(['ccc'])
    buffer.acknowledge(1)
    buffer.acknowledge(2)
    expect(buffer.length).toBe(3)
    buffer.acknowledge(3)
    expect(buffer.length).toBe(0)
    expect(textsAfter(buffer, 0)).toEqual([])
  })

  it('gives a new connection all that the peer has not received', () => {
    const buffer = bufferOf('a', 'b', 'c')
    take(buffer, 4)
    buffer.rewind(1)
    expect(take(buffer)).toEqual(['b', 'c'])
    buffer.rewind(3)
    expect(take(buffer)).toEqual([])
    expect(buffer.written).toBe(3)
  })

  it('does not go back behind what was acknowledged', () => {
    const buffer = bufferOf('a', 'b', 'c')
    take(buffer)
    buffer.acknowledge(2)
    buffer.rewind(1)
    expect(take(buffer)).toEqual(['c'])
  })

  // PROTOCOL-NOTES 11: the peer received b and c on the old connection, said hello before that, and acknowledges them
  // on the new one before they were written to it again.
  it('gives a new connection each number from where it began, also what is acknowledged meanwhile', () => {
    const buffer = bufferOf('a', 'b', 'c', 'd')
    take(buffer)
    buffer.rewind(1)
    expect(take(buffer, 2)).toEqual(['b'])
    buffer.acknowledge(3)
    expect(take(buffer)).toHaveLength(2)
    expect(buffer.push({ text: 'e' })).toBe(5)
    expect(take(buffer)).toEqual(['e'])
  })

  it('puts a no-op in the place of a frame that is kept', () => {
    const buffer = bufferOf('aaaaaaaa', 'bbbbbbbb', 'cccc')
    take(buffer, 10)
    buffer.acknowledge(1)
    buffer.withdraw(1)
    buffer.withdraw(2)
    buffer.withdraw(4)
    buffer.withdraw(0)
    expect(buffer.length).toBe('[16]cccc'.length)
    expect(take(buffer)).toEqual(['[16]', 'cccc'])
  })

  it('tells what is above a number', () => {
    const buffer = bufferOf('a', 'b', 'c')
    take(buffer)
    buffer.acknowledge(1)
    expect(textsAfter(buffer, 0)).toEqual(['b', 'c'])
    expect(textsAfter(buffer, 2)).toEqual(['c'])
    expect(textsAfter(buffer, 3)).toEqual([])
    expect(textsAfter(buffer, 9)).toEqual([])
  })
})
