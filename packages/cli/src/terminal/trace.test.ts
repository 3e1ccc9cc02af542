import { expect, test } from 'vitest'
import type { Io } from '../io.ts'
import { redacted, traceTo } from './trace.ts'

test.each([
  [
    [0, { attempt: 1, auth: { token: 'hush' }, authAnnotations: {}, resume: { secret: 'hush' } }],
    [0, { attempt: 1, auth: '…', authAnnotations: '…', resume: '…' }],
  ],
  [
    [1, { session: 's1', resume: { secret: 'hush', windowMs: 1 } }],
    [1, { session: 's1', resume: '…' }],
  ],
  [
    [17, 1, '$auth', 0, { token: 'hush' }, { token: ['Date'] }],
    [17, 1, '$auth', 0, '…'],
  ],
  [
    [17, 2, '$open', 0, { namespace: 'admin', auth: 'hush' }],
    [17, 2, '$open', 0, { namespace: 'admin', auth: '…' }],
  ],
  [
    [17, 3, 'send', 0, { auth: 'not ours' }],
    [17, 3, 'send', 0, { auth: 'not ours' }],
  ],
])('redacted %j', (frame, shown) => {
  expect(redacted(frame)).toEqual(shown)
})

test('traceTo prints a line for each frame: when, which way, by what, its kind and the frame, shortened', () => {
  const lines: string[] = []
  const io = { stderr: { write: (text: string) => lines.push(text) } } as unknown as Io
  let now = 1_000
  const trace = traceTo(io, () => now)
  now = 1_250
  trace.onState({ name: 'opening' }, 'websocket')
  trace.onBatch('sent', '[[17,1,"send",0,"hi"],[4,1,0]]', undefined, 'websocket')
  trace.onBatch('received', `[[18,1,${JSON.stringify('x'.repeat(500))}]]`, [new Uint8Array(3)], 'http-poll')
  trace.onBatch('received', '[[99]]', undefined, 'websocket')
  trace.onBatch('received', 'no JSON', undefined, 'websocket')
  trace.onState({ name: 'closed', code: 1000, reason: 'bye' }, 'websocket')
  expect(lines.join('')).toBe(
    [
      '   0.250s · websocket opening',
      '   0.250s → websocket call      [17,1,"send",0,"hi"]',
      '   0.250s → websocket ping      [4,1,0]',
      `   0.250s ← http-poll result    [18,1,"${'x'.repeat(193)}… (509 characters) + 3 bytes`,
      '   0.250s ← websocket kind 99   [99]',
      '   0.250s · websocket closed    1000 bye',
      '',
    ].join('\n'),
  )
})
