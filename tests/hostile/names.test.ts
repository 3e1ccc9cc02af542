import { frames } from '@typewire/core/internal'
import type { RawFrame, RawPeer } from '@typewire/testkit'
import { describe, expect, test } from 'vitest'
import { failOnUnhandledRejections } from '../support/unhandled.ts'
import { besideHealthy, echo } from './beside.ts'

failOnUnhandledRejections()

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'then',
  'toJSON',
  '',
  ' ',
  '\0',
  '0',
  'echo ',
  'ECHO',
  '$',
  '$__proto__',
  '$constructor',
  '$joins',
  'x'.repeat(129),
]

const notFound = (id: number) => [frames.error.kind, id, 'NOT_FOUND', expect.any(String), 0]

/** Joins the hall and gives the room's number. */
async function joinHall(peer: RawPeer, id: number): Promise<number> {
  peer.send([frames.call.kind, id, '$join', 0, { kind: 'hall', params: { id: 'h' } }])
  const [, , answer] = await peer.read()
  return (answer as { room: number }).room
}

describe.each(names)('the name %j', (name) => {
  test('of a procedure is unknown', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.call.kind, 1, name, 0, {}])
      expect(await peer.read()).toEqual(notFound(1))
      expect(await echo(peer, 2)).toBe('alive')
    })
  })

  test('of an event is unknown, and where nobody waits the log is told', async () => {
    await besideHealthy(async ({ lab, welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.event.kind, 1, name, 0, {}], [frames.event.kind, 0, name, 0, {}])
      expect(await peer.read()).toEqual(notFound(1))
      expect(await echo(peer, 2)).toBe('alive')
      expect(lab.errors).toEqual([
        {
          error: expect.objectContaining({ code: 'NOT_FOUND' }),
          // As a log may show it: on one line, without control characters.
          info: expect.objectContaining({ where: expect.stringMatching(/^event [\x20-\x7e]+$/) as string }),
        },
      ])
    })
  })

  test('of a room, and of an event in a room, is unknown', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.call.kind, 1, '$join', 0, { kind: name, params: {} }])
      expect(await peer.read()).toEqual(notFound(1))
      const room = await joinHall(peer, 2)
      peer.send([frames.roomEvent.kind, 3, room, name, 0, {}])
      expect(await peer.read()).toEqual(notFound(3))
      expect(await echo(peer, 4)).toBe('alive')
    })
  })
})

describe('names of members in what is sent', () => {
  const poison = '"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"hasOwnProperty":1,"toString":1'

  test('in an input travel like any other, and touch nothing', async () => {
    const inputs: unknown[] = []
    await besideHealthy(
      async ({ welcomed }) => {
        const peer = await welcomed()
        peer.sendText(`[[17,1,"carry",0,{${poison}}]]`)
        expect(await peer.readKind(frames.result.kind)).toHaveLength(3)
        expect(peer.messages.at(-1)).toBe(`[[18,1,{${poison}}]]`)
        const [input] = inputs as [object]
        expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
        expect(Object.keys(input)).toEqual(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])
      },
      { handlers: { procedures: { carry: ({ input }) => (inputs.push(input), input) } } },
    )
  })

  test('in an input beside rich values do not reach a prototype', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText(`[[17,1,"carry",0,{${poison},"at":"2020-01-01T00:00:00.000Z"},{"at":["Date"]}]]`)
      const [kind] = await peer.read()
      expect([frames.result.kind, frames.error.kind]).toContain(kind)
      expect(await echo(peer, 2)).toBe('alive')
    })
  })

  test('in the params of a room make no difference', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText(`[[17,1,"$join",0,{"kind":"hall","params":{"id":"h",${poison}},${poison}}]]`)
      const first = await peer.read()
      // The server says what it has read (RM-11), which is what another sends without them.
      expect(first).toEqual([frames.result.kind, 1, { room: expect.any(Number), params: { id: 'h' } }])
      expect(await joinHall(peer, 2)).toBe((first[2] as { room: number }).room)
    })
  })

  test('in options are ignored', async () => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.sendText(`[[17,1,"echo",{${poison}},"x"],[24,2,"save",{"__proto__":{"receipt":true}},{"n":1}]]`)
      expect(await peer.read()).toEqual([frames.result.kind, 1, 'x'])
      expect(await peer.read()).toEqual([frames.result.kind, 2, { saved: 1 }])
    })
  })

  const wrongInputs: readonly unknown[] = [
    undefined,
    null,
    1,
    'hall',
    [],
    ['hall'],
    {},
    { kind: 1 },
    { kind: ['hall'] },
  ]
  test.each(wrongInputs)('RM-3: $join of %j is invalid', async (input) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.call.kind, 1, '$join', 0, ...(input === undefined ? [] : [input])])
      expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, 1, 'INVALID_INPUT'])
      expect(await echo(peer, 2)).toBe('alive')
    })
  })

  const joins: readonly unknown[] = [0, -1, 1.5, 1e308, 9007199254740991]
  test.each(joins)('RM-4: $leave of join %d, which there is not, is nothing', async (join) => {
    await besideHealthy(async ({ welcomed }) => {
      const peer = await welcomed()
      peer.send([frames.call.kind, 1, '$leave', 0, { join }])
      expect(await peer.read()).toEqual([frames.result.kind, 1])
    })
  })

  test('RM-6: an event into a room of which the session is no member is refused', async () => {
    await besideHealthy(async ({ healthy, welcomed }) => {
      const hall = healthy.join.hall({ id: 'h' })
      await hall.ready
      const peer = await welcomed()
      // The healthy one's room has the first number there is.
      const sent: RawFrame[] = [1, 2, 0].map((room, index) => [
        frames.roomEvent.kind,
        index + 1,
        room,
        'say',
        0,
        { text: 'x' },
      ])
      peer.send(...sent)
      for (const id of [1, 2, 3]) {
        expect((await peer.read()).slice(0, 3)).toEqual([frames.error.kind, id, 'FORBIDDEN'])
      }
    })
  })
})
