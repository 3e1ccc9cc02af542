import { createWatchedClient } from '@typewire/client/watched'
import { createServer } from '@typewire/server'
import { expect, onTestFinished, test } from 'vitest'
import { type Lab, lab } from '../support/contract.ts'
import { serve } from '../support/serve.ts'

test.each(['websocket', 'http-stream', 'http-poll'] as const)(
  'a watched client tells of all that travels by %s, before it looks at it',
  async (transport) => {
    const server = createServer(lab)
    const { url } = await serve(
      server.implement({
        procedures: {
          echo: ({ input }) => input,
          carry: ({ input }) => input,
          work: () => ({ doubled: 0 }),
          lines: () => 0,
          brief: () => {},
        },
        events: { note: () => {}, save: () => ({ saved: 0 }) },
        rooms: { hall: { authorize: () => true, events: { say: () => {}, vote: () => ({ count: 0 }) } } },
      }),
    )
    const told: string[] = []
    const client = createWatchedClient<Lab>(
      { url, transports: [transport] },
      {
        onState: ({ name }, by) => told.push(`${by} ${name}`),
        onBatch: (direction, text, parts, by) => {
          const kinds = (JSON.parse(text) as [number][]).map(([kind]) => kind)
          told.push(`${by} ${direction} ${kinds.join(' ')}${parts ? ` and ${parts.length} parts` : ''}`)
        },
      },
    )
    onTestFinished(() => client.close())
    const answer = client.call.carry(new Uint8Array([1, 2, 3])).then(() => told.push('answered'))
    await answer
    await client.close()
    const by = (what: string) => `${transport} ${what}`
    expect(told.filter((line) => !/ (4|5|6)$/.test(line))).toEqual([
      by('opening'),
      by('open'),
      by('sent 0'),
      by('received 1'),
      by('sent 17 and 1 parts'),
      by('received 18 and 1 parts'),
      'answered',
      by('sent 3'),
      ...(told.includes(by('received 3')) ? [by('received 3')] : []), // where the link is still there by then
      by('closed'),
    ])
  },
)
