import { EventEmitter } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { CliError } from '../cli-error.ts'
import type { Io } from '../io.ts'
import { maxWaiting, noteDeprecation, Printer } from './printer.ts'

/** An output that takes so many lines, and then none before it is told to. */
function slowOutput(room: number) {
  const lines: string[] = []
  const stdout = Object.assign(new EventEmitter(), {
    write: (text: string) => lines.push(text) < room,
  })
  const io = { stdout, signal: new AbortController().signal } as unknown as Io
  return { io, lines, drain: () => void stdout.emit('drain') }
}

describe('Printer', () => {
  test('writes no more than is read', async () => {
    const { io, lines, drain } = slowOutput(1)
    const printer = new Printer(io, { isPretty: false })
    void printer.print(1)
    const second = printer.print(2)
    await turn()
    expect(lines).toEqual(['1\n'])
    drain()
    await turn()
    expect(lines).toEqual(['1\n', '2\n'])
    drain()
    await second
  })

  test('keeps the order, also where a value has to be read first', async () => {
    const { io, lines } = slowOutput(10)
    const printer = new Printer(io, { isPretty: false })
    void printer.print(new Blob(['abc']))
    void printer.print(2)
    await printer.done
    expect(lines).toEqual(['{"type":"","base64":"YWJj"}\n', '2\n'])
  })

  test('tells when too much waits, and keeps no more', async () => {
    const { io } = slowOutput(1)
    const errors: CliError[] = []
    const printer = new Printer(io, { isPretty: false, onOverflow: (error) => errors.push(error) })
    for (let count = 0; count < maxWaiting; count++) void printer.print(count)
    await turn()
    expect(errors).toEqual([])
    void printer.print('one too many')
    expect(errors).toHaveLength(1)
    expect(errors[0]!.message).toContain('too slow')
  })
})

test.each([
  [undefined, ''],
  [{}, ''],
  [{ deprecated: true }, 'send is deprecated.\n'],
  [{ deprecated: 'Use post.' }, 'send is deprecated: Use post.\n'],
])('noteDeprecation of %j', (described, text) => {
  let err = ''
  noteDeprecation('send', described, { stderr: { write: (more: string) => (err += more) } } as unknown as Io)
  expect(err).toBe(text)
})
